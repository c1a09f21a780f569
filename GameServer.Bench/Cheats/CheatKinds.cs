using System.Numerics;
using GameServer.Arena;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Primitives;

namespace GameServer.Bench.Cheats;

/// <summary>Claims whichever of the views of the last quarter of a second shows somebody.</summary>
internal sealed class BestViewCheat(ulong seed) : Cheat("best view", seed)
{
    protected override (int From, int To) AimsInto(Tick tick) => (0, 16);
}

/// <summary>Acknowledges every snapshot so many too late, and aims at where its targets were then.</summary>
internal sealed class LateAckCheat(ulong seed, int snapshots) : Cheat($"acks {snapshots} late", seed)
{
    protected override (int From, int To) AimsInto(Tick tick) => (snapshots, snapshots + 8);

    public override (ushort Newest, uint Bits) Acknowledge(ushort newest, uint bits, Tick tick) => ((ushort)(newest - snapshots), uint.MaxValue);
}

/// <summary>Acknowledges nothing new for so long, then catches up for a moment, and aims at where its targets stood when it began.</summary>
internal sealed class HeldAckCheat(ulong seed, string name, int heldTicks, int freeTicks) : Cheat(name, seed)
{
    private ushort _held;
    private bool _isHolding;

    private int Phase(Tick tick) => (int)(tick.Value % (uint)(heldTicks + freeTicks));

    protected override (int From, int To) AimsInto(Tick tick)
    {
        int into = Phase(tick) - freeTicks;
        return into < 0 ? (0, 0) : (into, into + 8);
    }

    public override (ushort Newest, uint Bits) Acknowledge(ushort newest, uint bits, Tick tick)
    {
        bool holds = Phase(tick) >= freeTicks;
        _held = holds && _isHolding ? _held : newest;
        _isHolding = holds;
        return (_held, holds ? uint.MaxValue : bits);
    }
}

/// <summary>Acknowledges at random, newer and older, with bits that mean nothing.</summary>
internal sealed class RandomAckCheat(ulong seed) : Cheat("random acks", seed)
{
    protected override (int From, int To) AimsInto(Tick tick) => (0, 16);

    public override (ushort Newest, uint Bits) Acknowledge(ushort newest, uint bits, Tick tick) => ((ushort)(newest - Random.NextInt(24)), Random.NextUInt());
}

/// <summary>Lets most of its inputs be made up by the server, and sends those with which it shoots.</summary>
internal sealed class StarveCheat(ulong seed) : Cheat("starve", seed)
{
    public override long HoldsMicros(long nowMicros) => nowMicros / 20_000 % 8 == 0 ? 0 : -1;
}

/// <summary>Cuts its line for a third of each second, and sends what it has saved up at once.</summary>
internal sealed class LagSwitchCheat(ulong seed) : Cheat("lag switch", seed)
{
    protected override (int From, int To) AimsInto(Tick tick) => (0, 16);

    public override long HoldsMicros(long nowMicros) => Math.Max(0, 330_000 - (nowMicros % 1_000_000));
}

/// <summary>Gives two inputs for each tick: every packet a second time, for the ticks after it.</summary>
internal sealed class DoubleRateCheat(ulong seed) : Cheat("double rate", seed)
{
    public override bool SendsTwice => true;
}

/// <summary>Walks and looks along what is no number.</summary>
internal sealed class NotANumberCheat(ulong seed) : Cheat("NaN", seed)
{
    protected override void Spoil(ref ArenaInput input, Tick tick)
    {
        input.MoveX = tick.Value % 2 == 0 ? float.NaN : float.PositiveInfinity;
        input.MoveZ = float.NegativeInfinity;
        input.Aim = tick.Value % 4 == 0 ? new Vector3(float.NaN) : input.Aim;
    }
}

/// <summary>Claims to look at a world that is yet to come.</summary>
internal sealed class FarFutureCheat(ulong seed) : Cheat("far future", seed)
{
    public override ViewStamp Stamp(Tick tick, ViewStamp claim) => new(tick + 40, claim.Fraction, tick + 40);
}
