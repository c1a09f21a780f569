using System.Numerics;
using GameServer.Netcode.Game;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>P3 of games that change players' entities when somebody comes, goes or speaks: no client is to blame.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class HookTests
{
    private static readonly LinkModel Link = new() { DelayMicros = 40_000, JitterMicros = 5_000 };

    [Test]
    public void Chat_MovesEverybody_CorrectionsAreExternal()
    {
        Lab<TagInput> lab = Play();
        for (int i = 0; i < 6; i++)
        {
            lab.Clients[i % 3].Client.Chat("/home");
            lab.Run(0.8);
        }

        AssertNobodyIsToBlame(lab, leastExternal: 10);
    }

    [Test]
    public void PlayerJoinedAndLeft_MoveEverybody_CorrectionsAreExternal()
    {
        Lab<TagInput> lab = Play();
        for (int i = 0; i < 3; i++)
        {
            LabClient<TagInput> late = lab.AddClient();
            lab.Run(1);
            late.Leave(lab.NowMicros);
            lab.Run(1);
        }

        AssertNobodyIsToBlame(lab, leastExternal: 10);
    }

    [Test]
    public void Kick_MovesEverybody_CorrectionsAreExternal()
    {
        Lab<TagInput> lab = Play();
        lab.Server.Room.Kick(lab.Clients[2].Client.Player.Index, Netcode.Messages.LeaveReason.Kicked);
        lab.Run(2);
        AssertNobodyIsToBlame(lab, leastExternal: 2);
    }

    private static Lab<TagInput> Play()
    {
        var lab = new Lab<TagInput>(new HomeLab(), new LabOptions { Clients = 3, Up = Link, Down = Link, Seed = 4, FramePeriodsMicros = [16_667, 6_944, 33_333] });
        lab.Run(3);
        return lab;
    }

    private static void AssertNobodyIsToBlame(Lab<TagInput> lab, int leastExternal)
    {
        Assert.That(lab.Clients.Select(static c => c.Client.Stats.CorrectionsOwn), Is.All.Zero);
        Assert.That(lab.Clients.Select(static c => c.Client.Stats.UnexplainedRollbacks), Is.All.Zero);
        Assert.That(lab.Clients.Sum(static c => c.Client.Stats.CorrectionsExternal), Is.GreaterThanOrEqualTo(leastExternal), "everybody was moved");
        Assert.That(lab.Invariants.Violations.Values, Is.Empty, lab.Invariants.Describe());
    }

    private sealed class HomeGame : Game<TagInput>
    {
        private static readonly EntityKind<Runner> s_runners = new();

        public override string Name => "home";

        public override void Define(GameSchema<TagInput> schema)
        {
            schema.DefineInput(e => e
                .Axis("x", (ref i) => ref i.MoveX).Axis("z", (ref i) => ref i.MoveZ).Buttons("b", (ref i) => ref i.Buttons, count: 1));
            schema.DefineEntity(s_runners, "runner", 8, e => e
                .Vector("position", (ref r) => ref r.Position, new Vector3(-90), new Vector3(90), precision: 1 / 128f)
                .Owned("isIt", (ref r) => ref r.IsIt).Owned("at", (ref r) => ref r.TaggedAt)
                .Step(static (ref Runner me, in TagInput input, in StepContext step) =>
                    me.Position = Vector3.Clamp(me.Position + (new Vector3(input.MoveX, 0, input.MoveZ) * (9 * step.DeltaSeconds)), new Vector3(-90), new Vector3(90))));
        }

        public override void PlayerJoined(in TickContext tick, PlayerId player)
        {
            SendHome(tick.World);
            tick.Players.SetAvatar(player, tick.World.Spawn(s_runners, new Runner { Position = new Vector3(10, 0, player.Index) }, player));
        }

        public override void PlayerLeft(in TickContext tick, PlayerId player) => SendHome(tick.World);

        public override bool Chat(in TickContext tick, PlayerId player, ReadOnlySpan<char> text)
        {
            SendHome(tick.World);
            return true;
        }

        public override void Tick(in TickContext tick)
        {
        }

        private static void SendHome(World world)
        {
            Entities<Runner> all = world.Of(s_runners);
            foreach (EntityId id in all)
            {
                all[id].Position = new Vector3(0, 0, id.Slot);
            }
        }
    }

    private sealed class HomeLab : LabGame<TagInput>
    {
        public override string Name => "home";

        public override Game<TagInput> CreateGame() => new HomeGame();

        public override LabPlayer<TagInput> CreatePlayer(int index, ulong seed) => new Player();

        private sealed class Player : LabPlayer<TagInput>
        {
            public override void Sample(LabClient<TagInput> me, ref TagInput input) => input.MoveX = me.IsIdle ? 0 : 1;
        }
    }
}
