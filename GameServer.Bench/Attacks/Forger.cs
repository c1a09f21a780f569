using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Attacks;

/// <summary>Sends datagrams with any source of 127.0.0.0/8, to loopback alone; needs the right to open raw sockets.</summary>
internal sealed class Forger : IDisposable
{
    private const int HeaderBytes = 28;

    private readonly Socket _socket;
    private readonly byte[] _datagram = new byte[HeaderBytes + 1500];
    private readonly SocketAddress _target;

    private Forger(Socket socket, PeerAddress target)
    {
        _socket = socket;
        IPEndPoint end = target.ToEndPoint();
        _target = new IPEndPoint(end.Address, 0).Serialize();
        _datagram[0] = 0x45;
        _datagram[8] = 64;
        _datagram[9] = 17;
        end.Address.GetAddressBytes().CopyTo(_datagram, 16);
        BinaryPrimitives.WriteUInt16BigEndian(_datagram.AsSpan(22), target.Port);
    }

    /// <summary>Datagrams sent.</summary>
    public long Sent { get; private set; }

    /// <summary>A forger towards <paramref name="target"/>; null when raw sockets are not allowed here.</summary>
    public static Forger? TryOpen(PeerAddress target)
    {
        try
        {
            return new Forger(new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw), target);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    public void Send(uint sourceHostOrder, ushort port, ReadOnlySpan<byte> payload)
    {
        int length = HeaderBytes + payload.Length;
        BinaryPrimitives.WriteUInt16BigEndian(_datagram.AsSpan(2), (ushort)length);
        BinaryPrimitives.WriteUInt32BigEndian(_datagram.AsSpan(12), sourceHostOrder);
        BinaryPrimitives.WriteUInt16BigEndian(_datagram.AsSpan(20), port);
        BinaryPrimitives.WriteUInt16BigEndian(_datagram.AsSpan(24), (ushort)(8 + payload.Length));
        payload.CopyTo(_datagram.AsSpan(HeaderBytes));
        try
        {
            _socket.SendTo(_datagram.AsSpan(0, length), SocketFlags.None, _target);
            Sent++;
        }
        catch (SocketException)
        {
            // Not counted as sent: the system took no more for the moment.
        }
    }

    /// <summary>Sends as if from <paramref name="source"/>, which is on this machine's loopback.</summary>
    public void Send(PeerAddress source, ReadOnlySpan<byte> payload)
    {
        byte[] bytes = source.ToEndPoint().Address.GetAddressBytes();
        Send(BinaryPrimitives.ReadUInt32BigEndian(bytes), source.Port, payload);
    }

    public void Dispose() => _socket.Dispose();
}
