using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

/// <summary>Which events of one stream a client has had: each is taken once, and it is known up to which one none is missing.</summary>
/// <remarks>
/// One bit per sequence of the last 1,024; the server never has more than half of that between the oldest and the newest that it may send.
/// Owner: the client's thread. Allocates: at start.
/// </remarks>
internal sealed class EventWindow
{
    private const int Window = Limits.EventsInFlightMax * 2;

    private readonly ulong[] _seen = new ulong[Window / 64];
    private ushort _newest;
    private bool _hasNewest;
    private long _ahead; // of the first that came
    private ushort _expected;

    /// <summary>A window over a stream that begins with <paramref name="first"/>.</summary>
    public EventWindow(ushort first = 0) => _expected = first;

    /// <summary>Events that were taken.</summary>
    public long Taken { get; private set; }

    /// <summary>Events that can no longer arrive.</summary>
    public long Gaps { get; private set; }

    /// <summary>True for an event that was not taken before.</summary>
    public bool TryTake(ushort sequence)
    {
        int ahead = _hasNewest ? Ahead(sequence) : 1;
        for (int i = 1; i <= ahead && i <= Window; i++)
        {
            int leaving = (_hasNewest ? _newest + i : sequence) & (Window - 1);
            bool wasSeen = (_seen[leaving >> 6] & (1UL << (leaving & 63))) != 0;
            Gaps += _ahead + i > Window && !wasSeen ? 1 : 0; // before the first that came there may have been none
            _seen[leaving >> 6] &= ~(1UL << (leaving & 63));
        }

        if (ahead > 0)
        {
            Gaps += Math.Max(0, ahead - Window);
            _ahead += ahead;
            _newest = sequence;
            _hasNewest = true;
        }

        int bit = sequence & (Window - 1);
        ref ulong word = ref _seen[bit >> 6];
        bool first = (word & (1UL << (bit & 63))) == 0;
        word |= 1UL << (bit & 63);
        Taken += first ? 1 : 0;
        Expect();
        return first;
    }

    /// <summary>True when every event up to this one has been taken, or can no longer arrive.</summary>
    public bool IsInOrder(ushort sequence) => _hasNewest && (short)(sequence - _expected) < 0;

    private void Expect()
    {
        if ((short)(_newest - _expected) >= Window)
        {
            _expected = (ushort)(_newest - Window + 1); // what lies before it is a gap
        }

        while ((short)(_newest - _expected) >= 0 && (_seen[(_expected & (Window - 1)) >> 6] & (1UL << (_expected & 63))) != 0)
        {
            _expected++;
        }
    }

    // Snapshots are taken in order, so nothing older than half the window can come: what looks so is far ahead, after a silence with many events.
    private int Ahead(ushort sequence)
    {
        int forward = (ushort)(sequence - _newest);
        return forward > ushort.MaxValue - (Window / 2) + 1 ? forward - (ushort.MaxValue + 1) : forward;
    }
}
