using System.Buffers.Binary;
using System.Runtime.InteropServices;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Transport;

/// <summary>
/// The traffic between an endpoint and the two rings of a simulation thread: the work of a network thread without its socket.
/// </summary>
/// <remarks>
/// Inbound, connects and disconnects have reserved space and wait when even that is full; each peer brings messages within its budget,
/// beyond which reliable ones stay unacknowledged and the newest unreliable one is kept in its place. Outbound, a reliable message that the
/// endpoint cannot queue ends the connection. Owner: network thread. Allocates: no, after construction.
/// </remarks>
public sealed class TransportPump
{
    private readonly TransportEndpoint _endpoint;
    private readonly InboundWriter _writer;
    private readonly SpscRing _outbound;
    private readonly int[] _pathBytes; // largest unreliable payload of each peer, as the simulation knows it

    /// <summary>A pump between an endpoint and a room.</summary>
    /// <param name="endpoint">The endpoint of this network thread.</param>
    /// <param name="inbound">Lane to the simulation thread; a record of its ring must be able to hold the largest message.</param>
    /// <param name="outbound">Ring from the simulation thread.</param>
    /// <param name="networkThread">Number of this thread, written into each record.</param>
    public TransportPump(TransportEndpoint endpoint, InboundLane inbound, SpscRing outbound, byte networkThread)
    {
        int recordBytesMax = RecordHeader.SizeBytes + endpoint.Options.MaxMessageBytes;
        if (inbound.Ring.RecordBytesMax < recordBytesMax)
        {
            throw new ArgumentOutOfRangeException(
                nameof(inbound),
                inbound.Ring.RecordBytesMax,
                $"records of at least {recordBytesMax} bytes, which {nameof(TransportOptions.MaxMessageBytes)} asks for");
        }

        inbound.Require(endpoint.Options.MaxPeers);
        _endpoint = endpoint;
        _outbound = outbound;
        _writer = new InboundWriter(endpoint, inbound, networkThread);
        _pathBytes = new int[endpoint.Options.MaxPeers];
        endpoint.Inbound = _writer;
    }

    /// <summary>Moves what happened at the endpoint into the inbound ring; false when something has to wait for room.</summary>
    public bool MoveInbound()
    {
        while (_endpoint.TryPeekEvent(out TransportEvent e, out ReadOnlySpan<byte> payload))
        {
            _writer.IsBlocked = !TryMove(e, payload);
            if (_writer.IsBlocked)
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
                return _writer.TryWrite(e, RecordKind.Disconnect, payload, keepFreeBytes: 0)
                    || _writer.TryWrite(e, RecordKind.Disconnect, default, keepFreeBytes: 0);
            case TransportEventKind.Message:
                ReportPath(e);
                return e.Method is DeliveryMethod.Unreliable or DeliveryMethod.Sequenced
                    ? MoveUnreliable(e, payload)
                    : _writer.TryWrite(e, RecordKind.Reliable, payload, _writer.ReserveBytes);
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

    /// <summary>
    /// Sends the simulation the largest unreliable payload of a peer when it has changed; without room, with the peer's next message.
    /// </summary>
    private void ReportPath(in TransportEvent e)
    {
        int bytes = _endpoint.PayloadBytesMax(e.Peer, DeliveryMethod.Unreliable);
        if (bytes == _pathBytes[e.Peer.Slot] || bytes == 0)
        {
            return;
        }

        Span<byte> payload = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(payload, (ushort)bytes);
        if (_writer.TryWrite(e, RecordKind.Path, payload, _writer.ReserveBytes))
        {
            _pathBytes[e.Peer.Slot] = bytes;
        }
    }

    private bool MoveUnreliable(in TransportEvent e, ReadOnlySpan<byte> payload)
    {
        if (!_writer.TryWrite(e, RecordKind.Unreliable, payload, _writer.ReserveBytes))
        {
            _writer.KeepUnlessOld(e, payload);
        }

        return true;
    }

    private bool TryWriteConnect(in TransportEvent e, ReadOnlySpan<byte> connectData)
    {
        Span<byte> payload = stackalloc byte[ConnectRecord.HeaderBytes + Limits.DatagramBytesMax];
        ConnectRecord.Write(payload, e.Address, e.ConnectionTime);
        connectData.CopyTo(payload[ConnectRecord.HeaderBytes..]);
        return _writer.TryWrite(e, RecordKind.Connect, payload[..(ConnectRecord.HeaderBytes + connectData.Length)], keepFreeBytes: 0);
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
