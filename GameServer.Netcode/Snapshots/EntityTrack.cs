using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

/// <summary>What one client has of one entity slot.</summary>
internal enum TrackState : byte
{
    /// <summary>Nothing, and nothing is to be told.</summary>
    Unknown = 0,

    /// <summary>Within interest: updates are sent.</summary>
    Visible = 1,

    /// <summary>Out of interest; the client is being told.</summary>
    Hiding = 2,

    /// <summary>Dead; the client is being told.</summary>
    Despawning = 3,
}

/// <summary>Replication of one entity slot to one client.</summary>
/// <remarks>
/// The baseline is the newest state that the client has acknowledged in this visibility epoch. Acknowledged ticks are kept as a mask for
/// rewinds: bit n of <see cref="AckedMask"/> is tick <see cref="Baseline"/> − n. 32 bytes, two to a
/// cache line. Owner: simulation thread.
/// </remarks>
internal struct EntityTrack
{
    public ulong AckedMask;
    public Tick Baseline;

    /// <summary>The newest acknowledged tick that has fallen off the mask.</summary>
    public Tick OlderAcked;
    public Tick LastSent;

    /// <summary>Tick of the snapshot by which the client knows that the entity is hidden or dead.</summary>
    public Tick RemovalTick;
    public ushort Generation;

    /// <summary>Ticks that there has been something to tell and no room for it; stays at the end of its range.</summary>
    public ushort Priority;
    public byte Epoch;
    public TrackState State;
    private Flags _flags;

    [Flags]
    private enum Flags : byte
    {
        None = 0,
        HasBaseline = 1,
        HasOlderAcked = 2,
        HasSent = 4,
        IsOwned = 8,
        RemovalAcked = 16,
        MayHaveNewer = 32,
        WasOwned = 64,
        WasKnown = 128,
    }

    public bool HasBaseline
    {
        readonly get => (_flags & Flags.HasBaseline) != 0;
        set => Set(Flags.HasBaseline, value);
    }

    public bool HasOlderAcked
    {
        readonly get => (_flags & Flags.HasOlderAcked) != 0;
        set => Set(Flags.HasOlderAcked, value);
    }

    /// <summary>Something was sent since the baseline that may have arrived.</summary>
    public bool HasSent
    {
        readonly get => (_flags & Flags.HasSent) != 0;
        set => Set(Flags.HasSent, value);
    }

    /// <summary>Something newer than the baseline may have arrived without the client being able to say so.</summary>
    public bool MayHaveNewer
    {
        readonly get => (_flags & Flags.MayHaveNewer) != 0;
        set => Set(Flags.MayHaveNewer, value);
    }

    public bool IsOwned
    {
        readonly get => (_flags & Flags.IsOwned) != 0;
        set => Set(Flags.IsOwned, value);
    }

    /// <summary>It was the client's own in an epoch before, and the client may not know yet that this is over.</summary>
    public bool WasOwned
    {
        readonly get => (_flags & Flags.WasOwned) != 0;
        set => Set(Flags.WasOwned, value);
    }

    /// <summary>The client may have it from an epoch before.</summary>
    public bool WasKnown
    {
        readonly get => (_flags & Flags.WasKnown) != 0;
        set => Set(Flags.WasKnown, value);
    }

    public bool RemovalAcked
    {
        readonly get => (_flags & Flags.RemovalAcked) != 0;
        set => Set(Flags.RemovalAcked, value);
    }

    /// <summary>Takes note that the client has the state of a tick.</summary>
    public void Acknowledge(Tick tick)
    {
        // Acknowledgements come in order: what may have arrived unheard is older than this.
        MayHaveNewer = WasOwned = false;
        if (!HasBaseline)
        {
            HasBaseline = true;
            Baseline = tick;
            AckedMask = 1;
            HasOlderAcked = false;
            return;
        }

        int newer = tick - Baseline;
        if (newer > 0)
        {
            if (newer < 64)
            {
                ulong fallen = AckedMask >> (64 - newer);
                if (fallen != 0)
                {
                    HasOlderAcked = true;
                    OlderAcked = Baseline - (64 - newer + BitMath.TrailingZeroCount(fallen));
                }

                AckedMask = (AckedMask << newer) | 1;
            }
            else
            {
                HasOlderAcked = true;
                OlderAcked = Baseline;
                AckedMask = 1;
            }

            Baseline = tick;
        }
        else if (newer > -64)
        {
            AckedMask |= 1UL << -newer;
        }
    }

    /// <summary>Finds the acknowledged ticks around a view tick, among those not after <paramref name="newest"/>.</summary>
    public readonly bool TryFindAround(Tick viewTick, Tick newest, out Tick earlier, out Tick later, out bool hasLater)
    {
        earlier = later = default;
        hasLater = false;
        if (!HasBaseline)
        {
            return false;
        }

        // Ticks up to the view: bits from Baseline − viewTick on. Ticks after it, but not after newest: bits below that.
        int at = Baseline - viewTick;
        int first = Math.Max(0, Baseline - newest);
        if (at > first && first < 64)
        {
            ulong after = AckedMask & (at >= 64 ? ulong.MaxValue : (1UL << at) - 1) & (ulong.MaxValue << first);
            if (after != 0)
            {
                hasLater = true;
                later = Baseline - BitMath.Log2(after);
            }
        }

        int lowest = Math.Max(at, first);
        ulong before = lowest < 64 ? AckedMask & (ulong.MaxValue << Math.Max(0, lowest)) : 0;
        if (before != 0)
        {
            earlier = Baseline - BitMath.TrailingZeroCount(before);
            return true;
        }

        earlier = OlderAcked;
        return HasOlderAcked && OlderAcked <= viewTick;
    }

    private void Set(Flags flag, bool value) => _flags = value ? _flags | flag : _flags & ~flag;
}
