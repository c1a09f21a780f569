using System.Buffers.Binary;
using static GameServer.Tests.Transport.Library.LibraryPacket;

namespace GameServer.Tests.Transport.Library;

/// <summary>A reliable channel, ordered or not, as the library runs it: resends by a fixed rule, a window of 64, acknowledgements once per step.</summary>
internal sealed class LibraryReliableChannel(LibraryPeer peer, int id, int start) : ILibraryChannel
{
    private const int Window = 64;
    private const int Modulus = 32768;

    private readonly bool _ordered = (id & 3) == 2;
    private readonly Queue<byte[]> _queue = new();
    private readonly (byte[]? Packet, double SentMillis)[] _pending = new (byte[]?, double)[Window];
    private readonly byte[]?[] _held = new byte[]?[Window];
    private readonly bool[] _early = new bool[Window];
    private readonly byte[] _bits = new byte[9];
    private int _localStart = start;
    private int _localNext = start;
    private int _remoteNext = start;
    private int _remoteStart = start;
    private bool _mustAck;

    public bool IsIdle => _queue.Count == 0 && _localStart == _localNext;

    /// <summary>Queues a packet with an empty channel header.</summary>
    public void Enqueue(byte[] packet) => _queue.Enqueue(packet);

    public void Step(double nowMillis)
    {
        if (_mustAck)
        {
            _mustAck = false;
            byte[] ack = new byte[13];
            ack[0] = First(peer.Line, LibraryKind.Ack, 0);
            BinaryPrimitives.WriteUInt16LittleEndian(ack.AsSpan(1), (ushort)_remoteStart);
            ack[3] = (byte)id;
            _bits.CopyTo(ack, 4);
            peer.SendMerging(ack);
        }

        while (_queue.Count > 0 && Relative(_localNext, _localStart) < Window)
        {
            byte[] packet = TakeNext();
            BinaryPrimitives.WriteUInt16LittleEndian(packet.AsSpan(1), (ushort)_localNext);
            packet[3] = (byte)id;
            _pending[_localNext % Window] = (packet, double.MinValue);
            _localNext = (_localNext + 1) % Modulus;
        }

        for (int s = _localStart; s != _localNext; s = (s + 1) % Modulus)
        {
            ref (byte[]? Packet, double SentMillis) pending = ref _pending[s % Window];
            if (pending.Packet != null && nowMillis - pending.SentMillis >= peer.ResendMillis)
            {
                pending.SentMillis = nowMillis;
                peer.SendMerging(pending.Packet);
            }
        }
    }

    public void Receive(byte[] packet)
    {
        if (KindOf(peer.Line, packet[0]) == LibraryKind.Ack)
        {
            ReceiveAck(packet);
            return;
        }

        int sequence = Word(packet, 1);
        int ahead = Relative(sequence, _remoteStart);
        if (sequence >= Modulus || Relative(sequence, _remoteNext) > Window || ahead >= Window * 2)
        {
            peer.Violate($"reliable sequence {sequence}, {_remoteNext} is next on channel {id}");
            return;
        }

        if (ahead < 0)
        {
            return; // too old: not even acknowledged
        }

        for (int newStart = (_remoteStart + ahead - Window + 1) % Modulus; ahead >= Window && _remoteStart != newStart;)
        {
            _bits[_remoteStart % Window / 8] &= (byte)~(1 << (_remoteStart % 8));
            _remoteStart = (_remoteStart + 1) % Modulus;
        }

        _mustAck = true;
        int slot = sequence % Window;
        if ((_bits[slot / 8] & (1 << (slot % 8))) != 0)
        {
            return;
        }

        _bits[slot / 8] |= (byte)(1 << (slot % 8));
        Place(packet, sequence, slot);
    }

    private void Place(byte[] packet, int sequence, int slot)
    {
        if (sequence != _remoteNext)
        {
            if (_ordered)
            {
                _held[slot] = packet;
                return;
            }

            _early[slot] = true;
            Deliver(packet);
            return;
        }

        Deliver(packet);
        _remoteNext = (_remoteNext + 1) % Modulus;
        while (_ordered ? _held[_remoteNext % Window] != null : _early[_remoteNext % Window])
        {
            byte[]? held = _held[_remoteNext % Window];
            _held[_remoteNext % Window] = null;
            _early[_remoteNext % Window] = false;
            if (held != null)
            {
                Deliver(held);
            }

            _remoteNext = (_remoteNext + 1) % Modulus;
        }
    }

    private void Deliver(byte[] packet)
    {
        if (KindOf(peer.Line, packet[0]) != LibraryKind.ReliableMerged)
        {
            peer.TakeReliable(packet);
            return;
        }

        int at = 4;
        for (; at + 2 <= packet.Length;)
        {
            int length = Word(packet, at);
            at += 2;
            if (length == 0 || at + length > packet.Length)
            {
                peer.Violate($"reliable merged entry of {length} bytes");
                return;
            }

            peer.Take(id, packet[at..(at + length)]);
            at += length;
        }

        if (at != packet.Length)
        {
            peer.Violate("a byte too many in a reliable merged packet");
        }
    }

    private void ReceiveAck(byte[] packet)
    {
        int start = Word(packet, 1);
        int distance = Relative(_localStart, start);
        if (packet.Length != 13 || start >= Modulus || distance < 0)
        {
            peer.Violate($"acknowledgement of {packet.Length} bytes, window {start}, own {_localStart}");
            return;
        }

        if (distance >= Window)
        {
            return;
        }

        for (int s = _localStart; s != _localNext && Relative(s, start) < Window; s = (s + 1) % Modulus)
        {
            if ((packet[4 + (s % Window / 8)] & (1 << (s % 8))) == 0)
            {
                continue;
            }

            if (s == _localStart)
            {
                _localStart = (_localStart + 1) % Modulus;
            }

            _pending[s % Window].Packet = null;
        }
    }

    /// <summary>One queued message as it is (1.x, fragments, messages that fill a packet), or as many as fit into one packet (2.x).</summary>
    private byte[] TakeNext()
    {
        byte[] first = _queue.Dequeue();
        int room = peer.Mtu - 4;
        if (peer.Line == 1 || IsFragmented(first) || first.Length - 4 + 2 > room)
        {
            return first;
        }

        List<byte> merged = [First(peer.Line, LibraryKind.ReliableMerged, 0), 0, 0, 0];
        Append(merged, first);
        while (_queue.TryPeek(out byte[]? next) && !IsFragmented(next) && merged.Count - 4 + 2 + next.Length - 4 + 20 <= room)
        {
            Append(merged, _queue.Dequeue());
        }

        return [.. merged];
    }

    private static void Append(List<byte> merged, byte[] packet)
    {
        merged.Add((byte)(packet.Length - 4));
        merged.Add((byte)((packet.Length - 4) >> 8));
        merged.AddRange(packet.AsSpan(4));
    }
}
