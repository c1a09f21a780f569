using System.Runtime.CompilerServices;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Netcode.Server;

/// <summary>Puts records for clients into the ring of the network thread that has them.</summary>
/// <remarks>Owner: simulation thread. Allocates: no.</remarks>
internal sealed class Outbox
{
    /// <summary>Ring space that only disconnects may use.</summary>
    private const int ReservedBytes = 8192;

    private readonly SpscRing[] _rings;
    private readonly int[] _leftBytes; // what each ring held when the last tick was written
    private readonly bool[] _stands;
    private readonly DropCounters _drops;
    private readonly List<(RecordHeader Header, byte Reason)> _ends = new(Limits.PlayersMax);

    public Outbox(SpscRing[] rings, DropCounters drops)
    {
        _rings = rings;
        _leftBytes = new int[rings.Length];
        _stands = new bool[rings.Length];
        _drops = drops;
    }

    /// <summary>A tick begins to be written: finds out which network threads have taken nothing since the last one was.</summary>
    public void BeginTick()
    {
        for (int i = 0; i < _rings.Length; i++)
        {
            _stands[i] = _leftBytes[i] > 0 && _rings[i].UsedBytes >= _leftBytes[i];
        }
    }

    /// <summary>All of a tick is in the rings.</summary>
    public void EndTick()
    {
        for (int i = 0; i < _rings.Length; i++)
        {
            _leftBytes[i] = _rings[i].UsedBytes;
        }
    }

    /// <summary>Whether the network thread of the session takes what is sent.</summary>
    public bool IsCarried(Session session) => !_stands[session.NetworkThread];

    /// <summary>Claims room for an unreliable payload of at most <paramref name="sizeBytes"/>; counts a drop when there is none.</summary>
    public bool TryClaim(Session session, int sizeBytes, out Span<byte> payload)
    {
        if (!_rings[session.NetworkThread].TryClaim(RecordHeader.SizeBytes + sizeBytes, ReservedBytes, out Span<byte> record))
        {
            _drops.Add(DropReason.OutboundRingFull);
            payload = default;
            return false;
        }

        WriteHeader(record, HeaderOf(session), RecordKind.Unreliable);
        payload = record.Slice(RecordHeader.SizeBytes, sizeBytes);
        return true;
    }

    /// <summary>Hands over the payload that was claimed.</summary>
    public void Publish(Session session, int sizeBytes) => _rings[session.NetworkThread].Publish(RecordHeader.SizeBytes + sizeBytes);

    /// <summary>Sends a reliable message, behind those that wait; false when too much waits.</summary>
    public bool SendReliable(Session session, ReadOnlySpan<byte> message) =>
        (session.Backlog.IsEmpty && TryPut(session, RecordKind.Reliable, message, ReservedBytes)) || session.Backlog.TryAdd(message);

    /// <summary>Sends a line of chat, behind what waits; false when too much chat waits: it alone is dropped then.</summary>
    public bool SendChat(Session session, ReadOnlySpan<byte> message) =>
        (session.Backlog.IsEmpty && TryPut(session, RecordKind.Chat, message, ReservedBytes)) || session.Backlog.TryAddChat(message);

    /// <summary>Moves waiting messages into the ring.</summary>
    public void FlushBacklog(Session session)
    {
        while (!session.Backlog.IsEmpty && TryPut(session, session.Backlog.IsChatFirst ? RecordKind.Chat : RecordKind.Reliable, session.Backlog.Peek(), ReservedBytes))
        {
            session.Backlog.RemoveFirst();
        }
    }

    /// <summary>Sends a reliable message to a peer without a session; false when the ring is full.</summary>
    public bool TrySend(in RecordHeader peer, ReadOnlySpan<byte> message) => TryPut(in peer, RecordKind.Reliable, message, ReservedBytes);

    /// <summary>Ends a peer; at once, or as soon as there is room again.</summary>
    public void Disconnect(Session session, byte reason)
    {
        Refuse(HeaderOf(session), reason);
    }

    /// <summary>Ends a peer that never became a session.</summary>
    public void Refuse(in RecordHeader peer, byte reason)
    {
        RecordHeader header = peer;
        header.Kind = RecordKind.Disconnect;
        if (!TryEnd(in header, reason))
        {
            _ends.Add((header, reason));
        }
    }

    /// <summary>Ends the peers for whom even the reserved room was full.</summary>
    public void FlushEnds()
    {
        for (int i = _ends.Count - 1; i >= 0 && TryEnd(_ends[i].Header, _ends[i].Reason); i--)
        {
            _ends.RemoveAt(i);
        }
    }

    private bool TryEnd(in RecordHeader header, byte reason)
    {
        SpscRing ring = _rings[header.NetworkThread];
        if (!ring.TryClaim(RecordHeader.SizeBytes + 1, 0, out Span<byte> record))
        {
            return false;
        }

        Unsafe.WriteUnaligned(ref record[0], header);
        record[RecordHeader.SizeBytes] = reason;
        ring.Publish(RecordHeader.SizeBytes + 1);
        return true;
    }

    private static RecordHeader HeaderOf(Session session) => new() { NetworkThread = session.NetworkThread, Slot = session.Slot, Generation = session.Generation };

    private static void WriteHeader(Span<byte> record, in RecordHeader peer, RecordKind kind)
    {
        var header = new RecordHeader { Kind = kind, NetworkThread = peer.NetworkThread, Slot = peer.Slot, Generation = peer.Generation };
        Unsafe.WriteUnaligned(ref record[0], header);
    }

    private bool TryPut(Session session, RecordKind kind, ReadOnlySpan<byte> payload, int keepFreeBytes) => TryPut(HeaderOf(session), kind, payload, keepFreeBytes);

    private bool TryPut(in RecordHeader peer, RecordKind kind, ReadOnlySpan<byte> payload, int keepFreeBytes)
    {
        SpscRing ring = _rings[peer.NetworkThread];
        if (!ring.TryClaim(RecordHeader.SizeBytes + payload.Length, keepFreeBytes, out Span<byte> record))
        {
            return false;
        }

        WriteHeader(record, in peer, kind);
        payload.CopyTo(record[RecordHeader.SizeBytes..]);
        ring.Publish(RecordHeader.SizeBytes + payload.Length);
        return true;
    }
}
