using System.Buffers.Binary;
using GameServer.Netcode.Transport;
using static GameServer.Tests.Transport.Library.LibraryPacket;

namespace GameServer.Tests.Transport.Library;

/// <summary>What a peer of the library takes, answers and drops.</summary>
internal sealed partial class LibraryPeer
{
    /// <summary>Takes a packet of this peer, its own or one that was merged.</summary>
    public void Receive(byte[] packet, double nowMillis)
    {
        if (State is LibraryState.Outgoing or LibraryState.Disconnected)
        {
            return;
        }

        LibraryKind kind = KindOf(Line, packet[0]);
        if (kind == LibraryKind.ShutdownOk)
        {
            State = State == LibraryState.ShutdownRequested ? LibraryState.Disconnected : State;
            return;
        }

        if (NumberOf(packet[0]) != Number)
        {
            host.WrongNumbers++;
            return;
        }

        IdleMillis = 0;
        switch (kind)
        {
            case LibraryKind.Merged:
                ReceiveMerged(packet, nowMillis);
                break;
            case LibraryKind.Ping:
                ReceivePing(packet);
                break;
            case LibraryKind.Pong when _pingOpen && Word(packet, 1) == _pingSequence:
                (_pingOpen, PongsReceived) = (false, PongsReceived + 1);
                AddRtt(nowMillis - _pingSentMillis);
                break;
            case LibraryKind.Pong:
                break;
            case LibraryKind.Ack or LibraryKind.Channeled or LibraryKind.ReliableMerged:
                if (packet[3] >= host.Channels * 4)
                {
                    Violate($"channel id {packet[3]}");
                    break;
                }

                ChannelOf(packet[3]).Receive(packet);
                break;
            case LibraryKind.Unreliable:
                host.Deliver(this, DeliveryMethod.Unreliable, 0, packet[1..]);
                break;
            case LibraryKind.MtuCheck or LibraryKind.MtuOk:
                ReceiveMtu(packet, kind);
                break;
            default:
                Violate($"{kind} for a peer");
                break;
        }
    }

    /// <summary>Takes a packet that its reliable channel has put in order: a message or a part of one.</summary>
    public void TakeReliable(byte[] packet)
    {
        if (!IsFragmented(packet))
        {
            Take(packet[3], packet[4..]);
            return;
        }

        (int id, int part, int total) = (Word(packet, 4), Word(packet, 6), Word(packet, 8));
        if (!_fragments.TryGetValue(id, out (int Total, int ChannelId, Dictionary<int, byte[]> Parts) group))
        {
            group = (total, packet[3], []);
            if (_fragments.Count >= 64 * host.Channels)
            {
                Violate("more unfinished messages than the library keeps");
                return;
            }

            _fragments.Add(id, group);
        }

        if (total == 0 || part >= total || total != group.Total || packet[3] != group.ChannelId || !group.Parts.TryAdd(part, packet[10..]))
        {
            Violate($"part {part} of {total} of message {id}");
            return;
        }

        if (group.Parts.Count == total)
        {
            _fragments.Remove(id);
            Take(packet[3], [.. Enumerable.Range(0, total).SelectMany(i => group.Parts[i])]);
        }
    }

    public void Take(int channelId, byte[] message) => host.Deliver(this, (DeliveryMethod)(channelId & 3), channelId >> 2, message);

    private void ReceiveMerged(byte[] packet, double nowMillis)
    {
        for (int at = 1; at < packet.Length;)
        {
            int length = packet.Length - at < 2 ? 0 : Word(packet, at);
            at += 2;
            if (length == 0 || length > packet.Length - at)
            {
                Violate($"merged entry of {length} bytes");
                return;
            }

            byte[] inner = packet[at..(at + length)];
            at += length;
            if (!IsValid(Line, inner))
            {
                Violate($"merged packet {Convert.ToHexString(inner[..Math.Min(8, length)])}");
                return;
            }

            Receive(inner, nowMillis);
        }
    }

    private void ReceivePing(byte[] packet)
    {
        ushort sequence = Word(packet, 1);
        if (Relative(sequence, _pongSequence) <= 0)
        {
            PingsIgnored += sequence == _pongSequence ? 0 : 1;
            return;
        }

        _pongSequence = sequence;
        host.Send(Address, [First(Line, LibraryKind.Pong, Number), packet[1], packet[2], .. BitConverter.GetBytes(host.Ticks)]);
    }

    private void ReceiveMtu(byte[] packet, LibraryKind kind)
    {
        int size = BinaryPrimitives.ReadInt32LittleEndian(packet.AsSpan(1));
        if (packet.Length < MtuLadder[0] || size != packet.Length || size != BinaryPrimitives.ReadInt32LittleEndian(packet.AsSpan(packet.Length - 4)))
        {
            Violate($"MTU packet of {packet.Length} bytes");
            return;
        }

        if (kind == LibraryKind.MtuCheck)
        {
            _mtuAttempts = 0;
            host.Send(Address, [(byte)((packet[0] & 0xE0) | First(Line, LibraryKind.MtuOk, 0)), .. packet.AsSpan(1)]);
        }
        else if (size > Mtu && !_mtuDone && size == MtuLadder[_mtuStep + 1] - host.LayerBytes)
        {
            Mtu = size;
            _mtuDone = ++_mtuStep == MtuLadder.Length - 1;
        }
    }
}
