using System.Numerics;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Support;

internal struct TagInput
{
    public float MoveX, MoveZ;
    public Buttons Buttons;
}

internal struct Runner
{
    public Vector3 Position;
    public int IsIt;
    public Tick TaggedAt;
}

internal struct Tagged
{
    public PlayerId By, Whom;
}

internal struct Reach
{
    public Vector3 From;
}

/// <summary>A second game through the same door: who is "it" touches another within reach of his button, and then that one is.</summary>
internal sealed class TagGame : Game<TagInput>
{
    public static readonly EntityKind<Runner> Runners = new();
    public static readonly CommandKind<Reach> Reaches = new();
    public static readonly EventKind<Tagged> Tags = new();

    public override string Name => "tag";

    public override void Define(GameSchema<TagInput> schema)
    {
        schema.DefineInput(e => e
            .Axis("moveX", (ref i) => ref i.MoveX).Axis("moveZ", (ref i) => ref i.MoveZ)
            .Buttons("buttons", (ref i) => ref i.Buttons, count: 1));
        schema.DefineEntity(Runners, "runner", 32, e => e
            .Vector("position", (ref r) => ref r.Position, new Vector3(-20, -1, -20), new Vector3(20, 1, 20), precision: 1 / 128f)
            .Int("isIt", (ref r) => ref r.IsIt, 0, 1)
            .Owned("taggedAt", (ref r) => ref r.TaggedAt)
            .Step(StepRunner));
        schema.DefineCommand(Reaches);
        schema.DefineEvent(Tags, "tagged", e => e.Player("by", (ref t) => ref t.By).Player("whom", (ref t) => ref t.Whom).Reliable());
    }

    public override void PlayerJoined(in TickContext tick, PlayerId player)
    {
        var start = new Vector3(tick.Random.NextFloat(-18, 18), 0, tick.Random.NextFloat(-18, 18));
        var runner = new Runner { Position = start, IsIt = tick.Players.Count == 1 ? 1 : 0, TaggedAt = tick.Tick };
        tick.Players.SetAvatar(player, tick.World.Spawn(Runners, runner, player));
    }

    public override void Tick(in TickContext tick)
    {
        Entities<Runner> runners = tick.World.Of(Runners);
        foreach (ref readonly Posted<Reach> reach in tick.Commands(Reaches))
        {
            foreach (EntityId id in runners)
            {
                bool isNear = DeterministicMath.Distance(runners[id].Position, reach.Command.From) < 2;
                if (id != reach.Source && isNear && runners[reach.Source].IsIt != 0)
                {
                    runners[reach.Source].IsIt = 0;
                    runners[id] = runners[id] with { IsIt = 1, TaggedAt = tick.Tick };
                    tick.Emit(Tags, new Tagged { By = reach.Player, Whom = tick.World.OwnerOf(id) });
                }
            }
        }
    }

    private static void StepRunner(ref Runner me, in TagInput input, in StepContext step)
    {
        // Nobody runs quite straight; the same chance on both sides lets the client predict it.
        DeterministicRandom random = step.Random;
        var stick = new Vector3(input.MoveX, 0, input.MoveZ);
        var sway = new Vector3(random.NextFloat(-0.2f, 0.2f) * input.MoveZ, 0, random.NextFloat(-0.2f, 0.2f) * input.MoveX);
        Vector3 next = me.Position + ((stick + sway) * (5 * step.DeltaSeconds));
        me.Position = new Vector3(Math.Clamp(next.X, -20, 20), 0, Math.Clamp(next.Z, -20, 20));
        if (me.IsIt != 0 && input.Buttons.IsPressed(0) && step.Tick - me.TaggedAt > 30)
        {
            step.Post(Reaches, new Reach { From = me.Position });
        }
    }
}
