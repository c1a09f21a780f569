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
    private readonly DropCounters _drops;

    public Outbox(SpscRing[] rings, DropCounters drops)
    {
        _rings = rings;
        _drops = drops;
    }

    /// <summary>Claims room for an unreliable payload of at most <paramref name="sizeBytes"/>; counts a drop when there is none.</summary>
    public bool TryClaim(Session session, int sizeBytes, out Span<byte> payload)
    {
        if (!_rings[session.NetworkThread].TryClaim(RecordHeader.SizeBytes + sizeBytes, ReservedBytes, out Span<byte> record))
        {
            _drops.Add(DropReason.OutboundRingFull);
            payload = default;
            return false;
        }

        WriteHeader(record, session, RecordKind.Unreliable);
        payload = record.Slice(RecordHeader.SizeBytes, sizeBytes);
        return true;
    }

    /// <summary>Hands over the payload that was claimed.</summary>
    public void Publish(Session session, int sizeBytes) => _rings[session.NetworkThread].Publish(RecordHeader.SizeBytes + sizeBytes);

    /// <summary>Sends a reliable message, behind those that wait; false when too much waits.</summary>
    public bool SendReliable(Session session, ReadOnlySpan<byte> message) =>
        (session.Backlog.IsEmpty && TryPut(session, RecordKind.Reliable, message, ReservedBytes)) || session.Backlog.TryAdd(message);

    /// <summary>Moves waiting messages into the ring.</summary>
    public void FlushBacklog(Session session)
    {
        while (!session.Backlog.IsEmpty && TryPut(session, RecordKind.Reliable, session.Backlog.Peek(), ReservedBytes))
        {
            session.Backlog.RemoveFirst();
        }
    }

    /// <summary>Ends a peer; false when even the reserved room is full and it must be tried again.</summary>
    public bool Disconnect(Session session, byte reason)
    {
        ReadOnlySpan<byte> data = stackalloc byte[1] { reason };
        return TryPut(session, RecordKind.Disconnect, data, 0);
    }

    /// <summary>Ends a peer that never became a session.</summary>
    public void Refuse(in RecordHeader peer, byte reason)
    {
        if (_rings[peer.NetworkThread].TryClaim(RecordHeader.SizeBytes + 1, 0, out Span<byte> record))
        {
            RecordHeader header = peer;
            header.Kind = RecordKind.Disconnect;
            Unsafe.WriteUnaligned(ref record[0], header);
            record[RecordHeader.SizeBytes] = reason;
            _rings[peer.NetworkThread].Publish(RecordHeader.SizeBytes + 1);
        }
    }

    private static void WriteHeader(Span<byte> record, Session session, RecordKind kind)
    {
        var header = new RecordHeader
        {
            Kind = kind,
            NetworkThread = session.NetworkThread,
            Slot = session.Slot,
            Generation = session.Generation,
        };
        Unsafe.WriteUnaligned(ref record[0], header);
    }

    private bool TryPut(Session session, RecordKind kind, ReadOnlySpan<byte> payload, int keepFreeBytes)
    {
        SpscRing ring = _rings[session.NetworkThread];
        if (!ring.TryClaim(RecordHeader.SizeBytes + payload.Length, keepFreeBytes, out Span<byte> record))
        {
            return false;
        }

        WriteHeader(record, session, kind);
        payload.CopyTo(record[RecordHeader.SizeBytes..]);
        ring.Publish(RecordHeader.SizeBytes + payload.Length);
        return true;
    }
}
