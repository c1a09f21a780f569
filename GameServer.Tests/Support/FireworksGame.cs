using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Support;

internal struct FireworksInput
{
    public Buttons Buttons;
}

internal struct Spark
{
    public int Number;
}

internal struct Bell
{
    public int Number;
}

internal struct Rocketeer
{
    public int Launched;
    public Tick LaunchedAt;
}

/// <summary>Nine events and more in every tick, all seen by everybody: sparks that are worth a second, and a bell that nobody may miss.</summary>
internal sealed class FireworksGame : Game<FireworksInput>
{
    public const int TicksPerBell = 15;

    public static readonly EntityKind<Rocketeer> Rocketeers = new();
    public static readonly EventKind<Spark> Sparks = new();
    public static readonly EventKind<Bell> Bells = new();

    private readonly int _sparksPerTick;
    private readonly bool _areReliable;

    public FireworksGame(int sparksPerTick = 9, bool areReliable = false)
    {
        _sparksPerTick = sparksPerTick;
        _areReliable = areReliable;
    }

    public override string Name => "fireworks";

    public override void Define(GameSchema<FireworksInput> schema)
    {
        schema.DefineInput(e => e.Buttons("buttons", (ref i) => ref i.Buttons, count: 1));
        schema.DefineEntity(Rocketeers, "rocketeer", 32, e => e.Int("launched", (ref r) => ref r.Launched, 0, 1 << 20).Owned("launchedAt", (ref r) => ref r.LaunchedAt).Step(Launch));
        schema.DefineEvent(Sparks, "spark", e => DefineSpark(e.Int("number", (ref s) => ref s.Number, 0, (1 << 20) - 1)));
        schema.DefineEvent(Bells, "bell", e => e.Int("number", (ref b) => ref b.Number, 0, (1 << 20) - 1).Reliable());
    }

    public override void PlayerJoined(in TickContext tick, PlayerId player) => tick.World.Spawn(Rocketeers, default, player);

    public override void Tick(in TickContext tick)
    {
        if (!IsOn(in tick))
        {
            return;
        }

        for (int i = 0; i < _sparksPerTick; i++)
        {
            tick.Emit(Sparks, new Spark { Number = i });
        }

        if (tick.Tick.Value % TicksPerBell == 0)
        {
            tick.Emit(Bells, new Bell { Number = (int)(tick.Tick.Value / TicksPerBell) & 0xFFFF });
        }
    }

    // Until two seconds after the last launch: who only watches sees it end.
    private static bool IsOn(in TickContext tick)
    {
        Entities<Rocketeer> rocketeers = tick.World.Of(Rocketeers);
        bool isOn = tick.Players.Count == 0;
        foreach (EntityId id in rocketeers)
        {
            isOn |= rocketeers[id].Launched > 0 && (uint)(tick.Tick - rocketeers[id].LaunchedAt) * tick.DeltaSeconds < 2;
        }

        return isOn;
    }

    private void DefineSpark(EventBuilder<Spark> spark)
    {
        if (_areReliable)
        {
            spark.Reliable();
        }
        else
        {
            spark.KeepFor(1);
        }
    }

    private static void Launch(ref Rocketeer me, in FireworksInput input, in StepContext step)
    {
        if (input.Buttons.IsPressed(0))
        {
            me.LaunchedAt = step.Tick;
            me.Launched = (me.Launched + 1) & 0xFFFFF;
            step.Emit(Sparks, new Spark { Number = me.Launched });
        }
    }
}

/// <summary>The game of many events in the lab.</summary>
internal sealed class FireworksLab(int sparksPerTick = 9, bool areReliable = false) : LabGame<FireworksInput>
{
    public override string Name => "fireworks";

    public override int Announced => FireworksGame.Bells.Index;

    public override Game<FireworksInput> CreateGame() => new FireworksGame(sparksPerTick, areReliable);

    public override LabPlayer<FireworksInput> CreatePlayer(int index, ulong seed) => new Watcher(index, seed);

    private sealed class Watcher(int index, ulong seed) : LabPlayer<FireworksInput>
    {
        private DeterministicRandom _random = DeterministicRandom.From(seed, (ulong)index + 700);

        public override void Sample(LabClient<FireworksInput> me, ref FireworksInput input) =>
            input.Buttons.Set(0, !me.IsIdle && !me.HoldsFire && _random.NextBool(0.3f));

        public override int TakeEvents(LabClient<FireworksInput> me)
        {
            while (me.Client.TryTakeEvent(FireworksGame.Sparks, out _))
            {
            }

            int bells = 0;
            while (me.Client.TryTakeEvent(FireworksGame.Bells, out _))
            {
                bells++;
            }

            return bells;
        }
    }
}
