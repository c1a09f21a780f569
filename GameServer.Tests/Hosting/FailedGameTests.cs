using System.Net;
using System.Net.Sockets;
using GameServer.Arena;
using GameServer.Hosting;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Hosting;

/// <summary>What players are told when the game itself throws.</summary>
[Category("Socket")]
public sealed class FailedGameTests
{
    private static readonly Action<ThrowingGame>[] s_faults =
    [
        static game => game.ThrowsInTick = true,
        static game => game.ThrowsWhenSomebodyJoins = true,
    ];

    [Test]
    public void Game_Throws_PlayersAreToldThatTheServerHasFailed([Range(0, 1)] int fault)
    {
        var game = new ThrowingGame();
        int port = FreePort();
        int code = -1;
        string[] args = ["serve", "--port", $"{port}", "--bind", "127.0.0.1", "--http", "none", "--bots", "0", "--cpu-affinity", "none", "--log-level", "error"];
        var server = new Thread(() => code = GameHost.Run(game, args, new GameExtras<ArenaInput>()));
        server.Start();
        using IDatagramSocket socket = DatagramSocket.Open(new SocketOptions());
        var client = new GameClient<ArenaInput>(new ArenaGame(), socket);
        long end = MonotonicClock.Micros + 20_000_000;
        var to = PeerAddress.From(new IPEndPoint(IPAddress.Loopback, port));
        while (client.State != ClientState.Playing)
        {
            if (client.State is ClientState.Idle or ClientState.Ended)
            {
                client.Join(in to, "ada", MonotonicClock.Micros); // it is still starting
            }

            Update();
        }

        s_faults[fault](game);
        using IDatagramSocket other = DatagramSocket.Open(new SocketOptions());
        var second = new GameClient<ArenaInput>(new ArenaGame(), other);
        second.Join(in to, "bob", MonotonicClock.Micros);
        while (client.State != ClientState.Ended)
        {
            Update();
            second.Update(MonotonicClock.Micros, static (ref ArenaInput _) => { });
        }

        Assert.That(client.EndReason, Is.EqualTo(LeaveReason.ServerFailed));
        Assert.That(LeaveReasonText.Of(LeaveReason.ServerFailed), Is.EqualTo("the server has failed"));
        Assert.That(server.Join(TimeSpan.FromSeconds(15)), Is.True);
        Assert.That(code, Is.EqualTo(1));

        void Update()
        {
            Assert.That(MonotonicClock.Micros, Is.LessThan(end), "what was waited for did not come");
            client.Update(MonotonicClock.Micros, static (ref ArenaInput _) => { });
            socket.Wait(timeoutMicros: 4_000);
        }
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    /// <summary>The sample game with a bug that the test lets loose.</summary>
    private sealed class ThrowingGame : Game<ArenaInput>
    {
        private readonly ArenaGame _arena = new();
        private readonly bool[] _throws = new bool[2];

        public bool ThrowsInTick
        {
            set => Volatile.Write(ref _throws[0], value);
        }


        public bool ThrowsWhenSomebodyJoins
        {
            set => Volatile.Write(ref _throws[1], value);
        }

        public override string Name => _arena.Name;

        public override int Version => _arena.Version;

        public override void Define(GameSchema<ArenaInput> schema) => _arena.Define(schema);

        public override void Start(in TickContext tick) => _arena.Start(in tick);

        public override void PlayerJoined(in TickContext tick, PlayerId player)
        {
            Throw(1);
            _arena.PlayerJoined(in tick, player);
        }

        public override void PlayerLeft(in TickContext tick, PlayerId player) => _arena.PlayerLeft(in tick, player);

        public override void Tick(in TickContext tick)
        {
            Throw(0);
            _arena.Tick(in tick);
        }

        private void Throw(int place)
        {
            if (Volatile.Read(ref _throws[place]))
            {
                throw new InvalidOperationException("a bug in the game");
            }
        }
    }
}
