using GameServer.Netcode.Game;

namespace GameServer.Tests.Support;

internal struct BurstInput
{
    public Buttons Buttons;
}

internal struct Burster
{
    public int Presses;
}

internal struct Burst
{
    public int Number;
}

/// <summary>One press emits as many events as one tick can number, and more.</summary>
internal sealed class BurstGame : Game<BurstInput>
{
    public static readonly EntityKind<Burster> Bursters = new();
    public static readonly EventKind<Burst> Bursts = new();

    private readonly int _perPress;

    public BurstGame(int perPress) => _perPress = perPress;

    public override string Name => "burst";

    public override void Define(GameSchema<BurstInput> schema)
    {
        int perPress = _perPress;
        schema.DefineInput(e => e.Buttons("buttons", (ref i) => ref i.Buttons, count: 1));
        schema.DefineEntity(Bursters, "burster", 4, e => e.Int("presses", (ref b) => ref b.Presses, 0, 100).Step((ref me, in input, in step) =>
        {
            if (input.Buttons.IsPressed(0))
            {
                me.Presses++;
                for (int i = 0; i < perPress; i++)
                {
                    step.Emit(Bursts, new Burst { Number = i });
                }
            }
        }));
        schema.DefineEvent(Bursts, "burst", e => e.Int("number", (ref b) => ref b.Number, 0, 1023).Reliable());
    }

    public override void PlayerJoined(in TickContext tick, PlayerId player) => tick.World.Spawn(Bursters, default, player);

    public override void Tick(in TickContext tick)
    {
    }
}

/// <summary>The first player presses once.</summary>
internal sealed class BurstLab(int perPress) : LabGame<BurstInput>
{
    public override string Name => "burst";

    public override int Announced => -1;

    public override Game<BurstInput> CreateGame() => new BurstGame(perPress);

    public override LabPlayer<BurstInput> CreatePlayer(int index, ulong seed) => new Presser(index);

    private sealed class Presser(int index) : LabPlayer<BurstInput>
    {
        private int _updates;

        public override void Sample(LabClient<BurstInput> me, ref BurstInput input) => input.Buttons.Set(0, index == 0 && ++_updates is > 150 and < 160);

        public override int TakeEvents(LabClient<BurstInput> me)
        {
            int taken = 0;
            while (me.Client.TryTakeEvent(BurstGame.Bursts, out _))
            {
                taken++;
            }

            return taken;
        }
    }
}
