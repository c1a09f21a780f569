using System.Buffers.Binary;
using static GameServer.Tests.Transport.Library.LibraryPacket;

namespace GameServer.Tests.Transport.Library;

/// <summary>A channel of the library: one delivery method on one channel number.</summary>
internal interface ILibraryChannel
{
    bool IsIdle { get; }

    void Enqueue(byte[] packet);

    void Step(double nowMillis);

    void Receive(byte[] packet);
}

/// <summary>A sequenced channel, or a reliable sequenced one, which repeats its last message until the acknowledgement names exactly that.</summary>
internal sealed class LibrarySequencedChannel(LibraryPeer peer, int id, int start) : ILibraryChannel
{
    private readonly bool _reliable = (id & 3) == 3;
    private readonly Queue<byte[]> _queue = new();
    private byte[]? _last;
    private double _lastMillis;
    private int _local = start;
    private int _remote = start;
    private bool _mustAck;

    public bool IsIdle => _queue.Count == 0 && _last == null;

    public void Enqueue(byte[] packet) => _queue.Enqueue(packet);

    public void Step(double nowMillis)
    {
        if (_reliable && _queue.Count == 0)
        {
            if (_last != null && nowMillis - _lastMillis >= peer.ResendMillis)
            {
                _lastMillis = nowMillis;
                peer.SendMerging(_last);
            }
        }

        while (_queue.TryDequeue(out byte[]? packet))
        {
            _local = (_local + 1) % 32768;
            BinaryPrimitives.WriteUInt16LittleEndian(packet.AsSpan(1), (ushort)_local);
            packet[3] = (byte)id;
            peer.SendMerging(packet);
            (_last, _lastMillis) = _reliable ? (packet, nowMillis) : (null, 0);
        }

        if (_mustAck)
        {
            _mustAck = false;
            peer.SendMerging([First(peer.Line, LibraryKind.Ack, 0), (byte)_remote, (byte)(_remote >> 8), (byte)id]);
        }
    }

    public void Receive(byte[] packet)
    {
        if (IsFragmented(packet))
        {
            peer.Violate("a fragment on a sequenced channel");
            return;
        }

        if (KindOf(peer.Line, packet[0]) == LibraryKind.Ack)
        {
            _last = _reliable && _last != null && Word(packet, 1) == Word(_last, 1) ? null : _last;
            return;
        }

        int sequence = Word(packet, 1);
        if (sequence < 32768 && Relative(sequence, _remote) > 0)
        {
            _remote = sequence;
            peer.Take(id, packet[4..]);
        }

        _mustAck = _reliable;
    }
}
