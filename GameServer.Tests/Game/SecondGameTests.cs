using System.Numerics;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Game;

/// <summary>Another game than the arena through room, network and client.</summary>
public class SecondGameTests
{
    [TestCase(30)]
    [TestCase(60)]
    [TestCase(128)]
    public void Play_OverALink_IsPredictedExactlyAndTold(int tickRateHz)
    {
        var match = new TagMatch(tickRateHz, players: 3, new LinkModel { DelayMicros = 35_000 });
        match.Run(seconds: 12);
        foreach (TagRunner runner in match.Runners)
        {
            ClientStats stats = runner.Client.Stats;
            Assert.That(runner.Client.State, Is.EqualTo(ClientState.Playing));
            Assert.That(stats.CorrectionsOwn, Is.Zero, "sway is predicted: chance is the same on both sides");
            Assert.That(stats.EventGaps + stats.BaselineMisses, Is.Zero);
            Assert.That(runner.Client.View.Of(TagGame.Runners).Count, Is.EqualTo(3));
            Assert.That(runner.MetresRun, Is.GreaterThan(10));
        }

        Assert.That(match.Observer.Diverged, Is.Zero);

        // Inputs stop: what each predicts is what the server has, bit for bit.
        match.IsOver = true;
        match.Run(seconds: 1);
        foreach (TagRunner runner in match.Runners)
        {
            Assert.That(runner.Client.TryGetOwned(TagGame.Runners, out Runner predicted), Is.True);
            Assert.That(predicted, Is.EqualTo(match.OnServer(runner.Client.Player)));
        }

        int tags = match.Runners[0].TagsSeen;
        Assert.That(match.Runners.Select(r => r.TagsSeen), Is.All.EqualTo(tags), "each tag is told to everybody once");
        Assert.That(tags, Is.GreaterThan(1));
    }

    /// <summary>A server and its clients in virtual time.</summary>
    private sealed class TagMatch
    {
        private readonly SimulatedNetwork _network = new(1);
        private readonly LabServer _server;
        private long _nowMicros;

        public TagMatch(int tickRateHz, int players, LinkModel link)
        {
            _network.DefaultModel = link;
            var options = new RoomOptions { Seed = 1, TickRateHz = tickRateHz, PlayersMax = 8, SyncTest = true, PeersPerThread = 16 };
            Observer = new LabObserver(options);
            _server = new LabServer(
                _network, options, (inbound, outbound, o) => Room.Create(new TagGame(), options, inbound, outbound, o), Observer, 1);
            for (int i = 0; i < players; i++)
            {
                Runners.Add(new TagRunner(this, i, new SimulatedSocket(_network, PeerAddress.FromIPv4(0x0200000A, (ushort)(3000 + i)))));
                Runners[i].Client.Join(_server.Address, $"runner {i}", 0);
            }
        }

        public LabObserver Observer { get; }

        public List<TagRunner> Runners { get; } = [];

        public bool IsOver { get; set; }

        public void Run(int seconds)
        {
            for (long end = _nowMicros + (seconds * 1_000_000L); _nowMicros < end; _nowMicros += 1000)
            {
                _server.Receive(_nowMicros);
                _server.TryTick(_nowMicros);
                foreach (TagRunner runner in Runners)
                {
                    runner.Update(_nowMicros);
                }
            }
        }

        public Runner OnServer(PlayerId player) =>
            _server.Room.World.Get(TagGame.Runners, _server.Room.World.Players.Avatar(player));
    }

    /// <summary>A client that runs to the nearest other when he is "it", and away from the middle otherwise.</summary>
    private sealed class TagRunner
    {
        private readonly TagMatch _match;
        private readonly int _index;
        private readonly SimulatedSocket _socket;
        private Vector3 _before;
        private int _samples;

        public TagRunner(TagMatch match, int index, SimulatedSocket socket)
        {
            _match = match;
            _index = index;
            _socket = socket;
            Client = new GameClient<TagInput>(new TagGame(), socket, new ClientOptions { Seed = (ulong)index + 1 });
        }

        public GameClient<TagInput> Client { get; }

        public int TagsSeen { get; private set; }

        public float MetresRun { get; private set; }

        public void Update(long nowMicros)
        {
            if (nowMicros / 1000 % 7 != _index)
            {
                return;
            }

            _socket.NetworkMicros = nowMicros;
            Client.Update(nowMicros, Sample);
            while (Client.TryTakeEvent(TagGame.Tags, out Tagged tagged))
            {
                Assert.That(tagged.By, Is.Not.EqualTo(tagged.Whom));
                TagsSeen++;
            }
        }

        private void Sample(ref TagInput input)
        {
            input = default;
            if (_match.IsOver || !Client.TryGetOwned(TagGame.Runners, out Runner me))
            {
                return;
            }

            MetresRun += _samples > 0 ? Vector3.Distance(me.Position, _before) : 0;
            _before = me.Position;
            Vector3 goal = me.IsIt != 0 ? NearestOther(in me) : Patrol();
            Vector3 direction = DeterministicMath.Normalize(goal - me.Position);
            (input.MoveX, input.MoveZ) = (direction.X, direction.Z);
            input.Buttons.Set(0, me.IsIt != 0 && ++_samples % 10 < 5);
            _samples += me.IsIt != 0 ? 0 : 1;
        }

        private Vector3 Patrol() => new((_samples / 100 % 2 * 10) - 5, 0, (_index * 4) - 4);

        private Vector3 NearestOther(in Runner me)
        {
            ViewEntities<Runner> runners = Client.View.Of(TagGame.Runners);
            Vector3 nearest = default;
            float least = float.PositiveInfinity;
            for (int i = 0; i < runners.Count; i++)
            {
                float distance = DeterministicMath.Distance(runners[i].Position, me.Position);
                if (!runners.IsOwn(i) && distance < least)
                {
                    (nearest, least) = (runners[i].Position, distance);
                }
            }

            return nearest;
        }
    }
}
