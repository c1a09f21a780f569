using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Transport;

/// <summary>The traffic between an endpoint and the two rings of a simulation thread: the work of a network thread without its socket.</summary>
/// <remarks>
/// Inbound, connects and disconnects have reserved space and wait when even that is full; a reliable message that finds no room stays
/// unacknowledged in the endpoint; an unreliable one is dropped and counted. Outbound, a reliable message that the endpoint cannot queue
/// ends the connection. Owner: network thread. Allocates: no, after construction.
/// </remarks>
public sealed class TransportPump
{
    private readonly TransportEndpoint _endpoint;
    private readonly SpscRing _inbound;
    private readonly SpscRing _outbound;
    private readonly byte _networkThread;
    private readonly long _tickMicros;
    private readonly int _reserveBytes;
    private readonly ushort[] _recordsInTick;
    private readonly int[] _pathBytes; // largest unreliable payload of each peer, as the simulation knows it
    private long _tick;

    /// <summary>A pump between an endpoint and its rings.</summary>
    /// <param name="endpoint">The endpoint of this network thread.</param>
    /// <param name="inbound">Ring to the simulation thread; a record must be able to hold the largest message.</param>
    /// <param name="outbound">Ring from the simulation thread.</param>
    /// <param name="networkThread">Number of this thread, written into each record.</param>
    /// <param name="tickMicros">Time of a tick: each peer may bring <see cref="Limits.RecordsPerPeer"/> unreliable records in it.</param>
    public TransportPump(TransportEndpoint endpoint, SpscRing inbound, SpscRing outbound, byte networkThread, long tickMicros)
    {
        int recordBytesMax = RecordHeader.SizeBytes + endpoint.Options.MaxMessageBytes;
        if (inbound.RecordBytesMax < recordBytesMax)
        {
            throw new ArgumentOutOfRangeException(
                nameof(inbound), inbound.RecordBytesMax, $"records of at least {recordBytesMax} bytes, which {nameof(TransportOptions.MaxMessageBytes)} asks for");
        }

        _endpoint = endpoint;
        _inbound = inbound;
        _outbound = outbound;
        _networkThread = networkThread;
        _tickMicros = Math.Max(1, tickMicros);
        _reserveBytes = Math.Min(inbound.Capacity / 8, 4096 + (endpoint.Options.MaxPeers * 64));
        _recordsInTick = new ushort[endpoint.Options.MaxPeers];
        _pathBytes = new int[endpoint.Options.MaxPeers];
    }

    /// <summary>Moves what happened at the endpoint into the inbound ring; false when something has to wait for room.</summary>
    public bool MoveInbound(long nowMicros)
    {
        long tick = nowMicros / _tickMicros;
        if (tick != _tick)
        {
            _tick = tick;
            Array.Clear(_recordsInTick, 0, _recordsInTick.Length);
        }

        while (_endpoint.TryPeekEvent(out TransportEvent e, out ReadOnlySpan<byte> payload))
        {
            if (!TryMove(e, payload))
            {
                return false;
            }

            _endpoint.ConsumeEvent();
        }

        return true;
    }

    /// <summary>Moves what the simulation sends into the endpoint; the datagrams leave at its next poll.</summary>
    public void MoveOutbound()
    {
        while (_outbound.TryPeek(out ReadOnlySpan<byte> record))
        {
            RecordHeader header = MemoryMarshal.Read<RecordHeader>(record);
            Execute(header, new PeerId(header.Slot, header.Generation), record[RecordHeader.SizeBytes..]);
            _outbound.Release();
        }
    }

    private bool TryMove(in TransportEvent e, ReadOnlySpan<byte> payload)
    {
        switch (e.Kind)
        {
            case TransportEventKind.Connected:
                return TryConnect(e, payload);
            case TransportEventKind.Disconnected:
                return TryWrite(e, RecordKind.Disconnect, payload, keepFreeBytes: 0)
                    || TryWrite(e, RecordKind.Disconnect, default, keepFreeBytes: 0);
            case TransportEventKind.Message:
                ReportPath(e);
                return e.Method is DeliveryMethod.Unreliable or DeliveryMethod.Sequenced
                    ? MoveUnreliable(e, payload)
                    : TryWrite(e, RecordKind.Reliable, payload, _reserveBytes);
            default:
                return true; // messages outside of connections have no session to go to
        }
    }

    private bool TryConnect(in TransportEvent e, ReadOnlySpan<byte> payload)
    {
        if (!TryWriteConnect(e, payload))
        {
            return false;
        }

        _pathBytes[e.Peer.Slot] = 0;
        ReportPath(e);
        return true;
    }

    /// <summary>Sends the simulation the largest unreliable payload of a peer when it has changed; without room, with the peer's next message.</summary>
    private void ReportPath(in TransportEvent e)
    {
        int bytes = _endpoint.PayloadBytesMax(e.Peer, DeliveryMethod.Unreliable);
        if (bytes == _pathBytes[e.Peer.Slot] || bytes == 0)
        {
            return;
        }

        Span<byte> payload = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(payload, (ushort)bytes);
        if (TryWrite(e, RecordKind.Path, payload, _reserveBytes))
        {
            _pathBytes[e.Peer.Slot] = bytes;
        }
    }

    private bool MoveUnreliable(in TransportEvent e, ReadOnlySpan<byte> payload)
    {
        ref ushort records = ref _recordsInTick[e.Peer.Slot];
        if (records >= Limits.RecordsPerPeer)
        {
            _endpoint.Drops.Add(DropReason.RecordsPerPeer);
        }
        else if (TryWrite(e, RecordKind.Unreliable, payload, _reserveBytes))
        {
            records++;
        }
        else
        {
            _endpoint.Drops.Add(DropReason.InboundRingFull);
        }

        return true;
    }

    private bool TryWriteConnect(in TransportEvent e, ReadOnlySpan<byte> connectData)
    {
        Span<byte> payload = stackalloc byte[ConnectRecord.HeaderBytes + Limits.DatagramBytesMax];
        ConnectRecord.Write(payload, e.Address, e.ConnectionTime);
        connectData.CopyTo(payload[ConnectRecord.HeaderBytes..]);
        return TryWrite(e, RecordKind.Connect, payload[..(ConnectRecord.HeaderBytes + connectData.Length)], keepFreeBytes: 0);
    }

    private bool TryWrite(in TransportEvent e, RecordKind kind, ReadOnlySpan<byte> payload, int keepFreeBytes)
    {
        int bytes = RecordHeader.SizeBytes + payload.Length;
        if (!_inbound.TryClaim(bytes, keepFreeBytes, out Span<byte> record))
        {
            return false;
        }

        _endpoint.GetRoundTrip(e.Peer, out long roundTripMicros, out long deviationMicros);
        var header = new RecordHeader
        {
            Micros = e.ArrivalMicros,
            Slot = e.Peer.Slot,
            Generation = e.Peer.Generation,
            Kind = kind,
            NetworkThread = _networkThread,
            Detail = kind is RecordKind.Reliable or RecordKind.Unreliable ? RecordHeader.DeviationOf(deviationMicros) : (byte)e.Reason,
            RoundTrip = RecordHeader.RoundTripOf(roundTripMicros),
        };
        Unsafe.WriteUnaligned(ref record[0], header);
        payload.CopyTo(record[RecordHeader.SizeBytes..]);
        _inbound.Publish(bytes);
        return true;
    }

    private void Execute(in RecordHeader header, PeerId peer, ReadOnlySpan<byte> payload)
    {
        if (header.Kind == RecordKind.Disconnect)
        {
            _endpoint.Disconnect(peer, payload[..Math.Min(payload.Length, TransportEndpoint.DisconnectBytesMax)]);
            return;
        }

        if (header.Kind == RecordKind.Chat && !_endpoint.HasRoomForChat(peer, payload.Length))
        {
            _endpoint.Drops.Add(DropReason.ChatQueueFull);
            return;
        }

        bool reliable = header.Kind is RecordKind.Reliable or RecordKind.Chat;
        SendResult result = _endpoint.Send(peer, reliable ? DeliveryMethod.ReliableOrdered : DeliveryMethod.Unreliable, 0, payload);
        if (result == SendResult.NotConnected)
        {
            _endpoint.Drops.Add(DropReason.SessionUnknown);
        }
        else if (result != SendResult.Queued)
        {
            _endpoint.Drops.Add(DropReason.SendQueueFull);
            if (reliable)
            {
                _endpoint.Abort(peer, DisconnectReason.QueueOverflow);
            }
        }
    }
}
