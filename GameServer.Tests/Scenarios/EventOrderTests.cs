using GameServer.Netcode.Game;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>E1: every client takes every reliable event exactly once and in the order in which they were emitted, its own ones too, however late inputs and snapshots are.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class EventOrderTests
{
    private static readonly LinkModel[] s_links =
    [
        new() { DelayMicros = 20_000 },
        new() { DelayMicros = 60_000, LossPercent = 10 },
        new() { DelayMicros = 60_000, JitterMicros = 30_000 },
        new() { DelayMicros = 60_000, JitterMicros = 30_000, LossPercent = 10, BurstPackets = 4 },
        new() { DelayMicros = 40_000, JitterMicros = 10_000, LossPercent = 2, DuplicatePercent = 5 },
    ];

    [Test]
    public void ReliableEvents_AnyLinkAndFrameRate_AreTakenOnceAndInOrder([Range(0, 4)] int link, [Values(1, 2)] int seed)
    {
        var game = new ScoreLab();
        var options = new LabOptions
        {
            Clients = 4,
            Seed = (ulong)seed,
            Up = s_links[link],
            Down = s_links[link],
            FramePeriodsMicros = [100_000, 16_667, 6_944, 33_333],
            FirstEventSequence = 65_000,
        };
        var lab = new Lab<ScoreInput>(game, options);
        lab.Run(6);
        lab.Clients[0].Hang(600_000);
        lab.Clients[1].Hang(1_500_000);
        lab.Run(6);
        lab.StopFaults();
        lab.Clients.ForEach(static c => c.IsIdle = true);
        lab.Run(3);
        foreach (ScorePlayer player in game.Players)
        {
            Assert.That(player.Faults, Is.Empty, $"client {player.Index}");
            Assert.That(player.BeatsTaken, Is.GreaterThan(1500), $"client {player.Index}");
            for (int other = 0; other < 4; other++)
            {
                Presser presser = lab.Server.Room.World.Get(ScoreGame.Scorers, lab.Server.Room.World.Players.Avatar(lab.Clients[other].Client.Player)).Presser;
                Assert.That(player.NewestOf(lab.Clients[other].Client.Player.Index), Is.EqualTo(presser.Count), $"client {player.Index} of {other}");
            }
        }

        Assert.That(lab.Clients.Select(static c => c.Client.Stats.EventGaps), Is.All.Zero);
        Assert.That(lab.Invariants.Violations.Values, Is.Empty, lab.Invariants.Describe());
    }

    private struct ScoreInput
    {
        public Buttons Buttons;
    }

    private struct Presser
    {
        public int Count;
    }

    private struct Scorer
    {
        public Presser Presser;
    }

    private struct Beat
    {
        public int Number;
    }

    private struct Score
    {
        public PlayerId Player;
        public int Number;
    }

    /// <summary>The rules beat three times a tick; a press scores.</summary>
    private sealed class ScoreGame : Game<ScoreInput>
    {
        public static readonly EntityKind<Scorer> Scorers = new();
        public static readonly EventKind<Beat> Beats = new();
        public static readonly EventKind<Score> Scores = new();

        public override string Name => "scores";

        public override void Define(GameSchema<ScoreInput> schema)
        {
            schema.DefineInput(e => e.Buttons("buttons", (ref i) => ref i.Buttons, count: 1));
            schema.DefineEntity(Scorers, "scorer", 8, e => e.Owned("presser", (ref s) => ref s.Presser).Step(Step));
            schema.DefineEvent(Beats, "beat", e => e.Int("number", (ref b) => ref b.Number, 0, (1 << 20) - 1).Reliable());
            schema.DefineEvent(Scores, "score", e => e.Player("player", (ref s) => ref s.Player).Int("number", (ref s) => ref s.Number, 0, 65_535).Reliable());
        }

        public override void PlayerJoined(in TickContext tick, PlayerId player) =>
            tick.Players.SetAvatar(player, tick.World.Spawn(Scorers, default(Scorer), player));

        public override void Tick(in TickContext tick)
        {
            for (int i = 0; i < 3; i++)
            {
                tick.Emit(Beats, new Beat { Number = ((int)(tick.Tick.Value & 0xFFFF) * 3) + i });
            }
        }

        private static void Step(ref Scorer me, in ScoreInput input, in StepContext step)
        {
            if (input.Buttons.IsPressed(0))
            {
                step.Emit(Scores, new Score { Player = step.Owner, Number = ++me.Presser.Count });
            }
        }
    }

    private sealed class ScoreLab : LabGame<ScoreInput>
    {
        public List<ScorePlayer> Players { get; } = [];

        public override string Name => "scores";

        public override Game<ScoreInput> CreateGame() => new ScoreGame();

        public override LabPlayer<ScoreInput> CreatePlayer(int index, ulong seed)
        {
            Players.Add(new ScorePlayer(index));
            return Players[^1];
        }
    }

    private sealed class ScorePlayer(int index) : LabPlayer<ScoreInput>
    {
        private readonly int[] _newest = new int[8];
        private int _frame;
        private int _beat = -1;

        public int Index => index;

        public List<string> Faults { get; } = [];

        public int BeatsTaken { get; private set; }

        /// <summary>The newest score taken of the player in this seat.</summary>
        public int NewestOf(int seat) => _newest[seat];

        public override void Sample(LabClient<ScoreInput> me, ref ScoreInput input) =>
            input.Buttons.Set(0, !me.IsIdle && ++_frame % 7 == 0);

        public override int TakeEvents(LabClient<ScoreInput> me)
        {
            while (me.Client.TryTakeEvent(ScoreGame.Beats, out Beat beat))
            {
                if (_beat >= 0 && beat.Number != _beat + 1)
                {
                    Faults.Add($"beat {beat.Number} after {_beat}");
                }

                _beat = beat.Number;
                BeatsTaken++;
            }

            while (me.Client.TryTakeEvent(ScoreGame.Scores, out Score score))
            {
                if (_newest[score.Player.Index] > 0 && score.Number != _newest[score.Player.Index] + 1)
                {
                    Faults.Add($"score {score.Number} of {score.Player.Index} after {_newest[score.Player.Index]}");
                }

                _newest[score.Player.Index] = score.Number;
            }

            return 0;
        }
    }
}
