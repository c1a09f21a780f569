namespace GameServer.Netcode.Transport;

/// <summary>Names one connection of an endpoint; never means a later connection in the same slot.</summary>
public readonly struct PeerId : IEquatable<PeerId>
{
    /// <summary>Slot of the peer in its endpoint.</summary>
    public readonly ushort Slot;

    /// <summary>Counts the connections of the slot; 0 only in <see cref="None"/>.</summary>
    public readonly ushort Generation;

    /// <summary>An id of its parts.</summary>
    public PeerId(ushort slot, ushort generation)
    {
        Slot = slot;
        Generation = generation;
    }

    /// <summary>No peer.</summary>
    public static PeerId None => default;

    /// <summary>True when this names no peer.</summary>
    public bool IsNone => Generation == 0;

    /// <summary>True when both name the same connection.</summary>
    public static bool operator ==(PeerId a, PeerId b) => a.Equals(b);

    /// <summary>True when they name different connections.</summary>
    public static bool operator !=(PeerId a, PeerId b) => !a.Equals(b);

    /// <inheritdoc/>
    public bool Equals(PeerId other) => Slot == other.Slot && Generation == other.Generation;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PeerId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (Generation << 16) | Slot;

    /// <inheritdoc/>
    public override string ToString() => IsNone ? "none" : FormattableString.Invariant($"{Slot}.{Generation}");
}
