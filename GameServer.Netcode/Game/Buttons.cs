namespace GameServer.Netcode.Game;

/// <summary>Up to 16 buttons of one tick: which are down, and which went down since the tick before.</summary>
/// <remarks>
/// The client fills <see cref="Held"/>; the library derives <see cref="Pressed"/>, latches it between ticks and delivers each press in
/// exactly one tick, so a tap shorter than a tick is not lost and a long one is not repeated. A tick presses a button once: a second press within
/// one tick is that of the next.
/// </remarks>
public struct Buttons : IEquatable<Buttons>
{
    /// <summary>Bit n: button n is down.</summary>
    public ushort Held;

    /// <summary>Bit n: button n went down since the tick before.</summary>
    public ushort Pressed;

    /// <summary>True when button <paramref name="index"/> (0–15) is down.</summary>
    public readonly bool IsHeld(int index) => (Held & Bit(index)) != 0;

    /// <summary>True in the one tick in which button <paramref name="index"/> (0–15) went down.</summary>
    public readonly bool IsPressed(int index) => (Pressed & Bit(index)) != 0;

    /// <summary>Sets whether button <paramref name="index"/> (0–15) is down.</summary>
    public void Set(int index, bool down) => Held = (ushort)(down ? Held | Bit(index) : Held & ~Bit(index));

    private static int Bit(int index) => (uint)index < 16 ? 1 << index : ThrowNoButton(index);

    private static int ThrowNoButton(int index) => throw new ArgumentOutOfRangeException(nameof(index), index, "a button of 0 to 15");

    /// <inheritdoc/>
    public readonly bool Equals(Buttons other) => Held == other.Held && Pressed == other.Pressed;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is Buttons other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => (Held << 16) | Pressed;

    /// <summary>True when the same buttons are held and pressed.</summary>
    public static bool operator ==(Buttons a, Buttons b) => a.Equals(b);

    /// <summary>True when they differ.</summary>
    public static bool operator !=(Buttons a, Buttons b) => !a.Equals(b);
}
