namespace GameServer.Netcode.Game;

/// <summary>Names a player's seat in the room.</summary>
/// <remarks>4 bytes, so that it can be a field of a component. The default value names nobody.</remarks>
public readonly struct PlayerId : IEquatable<PlayerId>
{
    private readonly int _number;

    /// <summary>The player of seat <paramref name="index"/>, from 0 to 65,535; −1: nobody.</summary>
    public PlayerId(int index) => _number = Argument.InRange(index, -1, ushort.MaxValue, nameof(index), "a seat of ") + 1;

    /// <summary>Nobody.</summary>
    public static PlayerId None => default;

    /// <summary>Seat from 0, or −1 for nobody.</summary>
    public int Index => _number - 1;

    /// <summary>True when this names nobody.</summary>
    public bool IsNone => _number == 0;

    /// <inheritdoc/>
    public bool Equals(PlayerId other) => _number == other._number;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PlayerId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _number;

    /// <summary>True when both name the same seat.</summary>
    public static bool operator ==(PlayerId a, PlayerId b) => a._number == b._number;

    /// <summary>True when they name different seats.</summary>
    public static bool operator !=(PlayerId a, PlayerId b) => a._number != b._number;

    /// <inheritdoc/>
    public override string ToString() => IsNone ? "nobody" : $"player {Index}";
}
