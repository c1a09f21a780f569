using System.Runtime.CompilerServices;

namespace GameServer.Netcode.Primitives;

/// <summary>Number of a simulation step; the only game time.</summary>
/// <remarks>
/// A 32-bit counter that may wrap: two ticks are compared by their signed distance, so an order exists between ticks that are less
/// than 2^31 apart (414 days at 60 Hz).
/// </remarks>
public readonly struct Tick : IEquatable<Tick>, IComparable<Tick>
{
    /// <summary>The raw counter.</summary>
    public readonly uint Value;

    /// <summary>The tick with this raw counter.</summary>
    public Tick(uint value) => Value = value;

    /// <summary>Signed distance in ticks: positive when <paramref name="a"/> is later.</summary>
    public static int operator -(Tick a, Tick b) => (int)(a.Value - b.Value);

    /// <summary>The tick this many steps later.</summary>
    public static Tick operator +(Tick tick, int steps) => new(tick.Value + (uint)steps);

    /// <summary>The tick this many steps earlier.</summary>
    public static Tick operator -(Tick tick, int steps) => new(tick.Value - (uint)steps);

    /// <summary>True when <paramref name="a"/> is earlier.</summary>
    public static bool operator <(Tick a, Tick b) => a - b < 0;

    /// <summary>True when <paramref name="a"/> is later.</summary>
    public static bool operator >(Tick a, Tick b) => a - b > 0;

    /// <summary>True when <paramref name="a"/> is not later.</summary>
    public static bool operator <=(Tick a, Tick b) => a - b <= 0;

    /// <summary>True when <paramref name="a"/> is not earlier.</summary>
    public static bool operator >=(Tick a, Tick b) => a - b >= 0;

    /// <summary>True when both are the same step.</summary>
    public static bool operator ==(Tick a, Tick b) => a.Value == b.Value;

    /// <summary>True when they are different steps.</summary>
    public static bool operator !=(Tick a, Tick b) => a.Value != b.Value;

    /// <summary>Slot of this tick in a ring of <see cref="Limits.HistoryTicks"/>; the slot must also store the tick itself.</summary>
    internal int HistoryIndex
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (int)(Value & (Limits.HistoryTicks - 1));
    }

    /// <inheritdoc/>
    public bool Equals(Tick other) => Value == other.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Tick other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Value;

    /// <summary>Order by signed distance.</summary>
    public int CompareTo(Tick other) => this - other;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
