using System.Buffers.Binary;
using System.Net.Sockets;
using GameServer.Netcode.Transport;
using GameServer.Netcode.Transport.Linux;

namespace GameServer.Bench.Attacks;

/// <summary>Sends datagrams with any source of 127.0.0.0/8, to loopback alone, many per call: needs the right to open raw sockets.</summary>
/// <remarks>Owner: one thread at a time.</remarks>
internal sealed unsafe class Forger : IDisposable
{
    private readonly Socket _socket;
    private readonly ForgedBatch _single;

    private Forger(Socket socket, PeerAddress target)
    {
        _socket = socket;
        Target = target;
        _single = new ForgedBatch(target, 1);
    }

    public PeerAddress Target { get; }

    /// <summary>Datagrams that the system took.</summary>
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

    /// <summary>Sends as if from <paramref name="source"/>, which is on this machine's loopback.</summary>
    public void Send(PeerAddress source, ReadOnlySpan<byte> payload)
    {
        _single.Set(0, source, payload);
        Send(_single);
    }

    /// <summary>Sends the whole batch; what the system does not take is not counted.</summary>
    public void Send(ForgedBatch batch)
    {
        int descriptor = (int)_socket.SafeHandle.DangerousGetHandle(); // the socket lives as long as this object
        for (int next = 0; next < batch.Count;)
        {
            int taken = Libc.SendMessages(descriptor, batch.First + next, (uint)(batch.Count - next), Libc.MessageDontWait);
            Sent += Math.Max(0, taken);
            next += Math.Max(1, taken); // a datagram that was refused is passed over
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>The address of a random host of 127.0.0.0/8.</summary>
    public static PeerAddress Loopback(uint host, int port)
    {
        uint address = 0x7F000000 | (host & 0x00FFFFFF);
        return PeerAddress.FromIPv4(BinaryPrimitives.ReverseEndianness(address), (ushort)port);
    }
}
