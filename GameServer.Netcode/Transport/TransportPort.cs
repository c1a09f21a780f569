namespace GameServer.Netcode.Transport;

/// <summary>Moves datagrams between a socket and an endpoint, in batches.</summary>
/// <remarks>
/// Owner: the thread of the endpoint; the counters may be read by any thread. Allocates: no, after the first round.
/// What the system does not take at once stays in order, one batch at most; the rest stays in the endpoint, whose queues have caps.
/// </remarks>
public sealed class TransportPort
{
    private readonly IDatagramSocket _socket;
    private readonly TransportEndpoint _endpoint;
    private readonly DatagramBatch _received;
    private readonly DatagramBatch _sending;
    private int _sendFirst;
    private int _sendEnd;
    private long _datagramsIn;
    private long _datagramsOut;
    private long _bytesIn;
    private long _bytesOut;

    /// <summary>A port between <paramref name="socket"/> and <paramref name="endpoint"/>, neither of which it owns.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="batchDatagrams">Datagrams per system call, up to <see cref="DatagramBatch.CapacityMax"/>; a client needs few.</param>
    public TransportPort(IDatagramSocket socket, TransportEndpoint endpoint, int batchDatagrams = DatagramBatch.CapacityMax)
    {
        _socket = socket;
        _endpoint = endpoint;
        _received = new DatagramBatch(batchDatagrams);
        _sending = new DatagramBatch(batchDatagrams);
    }

    /// <summary>Datagrams received.</summary>
    public long DatagramsIn => Volatile.Read(ref _datagramsIn);

    /// <summary>Datagrams handed to the system.</summary>
    public long DatagramsOut => Volatile.Read(ref _datagramsOut);

    /// <summary>UDP payload bytes received.</summary>
    public long BytesIn => Volatile.Read(ref _bytesIn);

    /// <summary>UDP payload bytes handed to the system.</summary>
    public long BytesOut => Volatile.Read(ref _bytesOut);

    /// <summary>Datagrams that the system did not take yet.</summary>
    public int Stalled => _sendEnd - _sendFirst;

    /// <summary>Hands what has arrived to the endpoint, at most <paramref name="batchesMax"/> batches of it; returns how many datagrams.</summary>
    /// <remarks>The bound lets the caller answer between two floods of datagrams. The endpoint's events are to be consumed after each call.</remarks>
    public int Receive(int batchesMax = 1)
    {
        int total = 0;
        for (int i = 0; i < batchesMax; i++)
        {
            int count = _socket.Receive(_received);
            HandOver(count);
            total += count;
            if (count < _received.Capacity)
            {
                break;
            }
        }

        return total;
    }

    /// <summary>Sends what the endpoint has to send until there is no more or the system takes no more; returns how many datagrams left.</summary>
    public int Send()
    {
        int total = 0;
        while (Stalled > 0 || Fill())
        {
            int done = _socket.Send(_sending, _sendFirst, Stalled);
            Count(done);
            _sendFirst += done;
            total += done;
            if (Stalled > 0)
            {
                break;
            }
        }

        return total;
    }

    private void HandOver(int count)
    {
        long bytes = 0;
        for (int i = 0; i < count; i++)
        {
            bytes += _received.Lengths[i];
            _endpoint.Handle(_received.Datagram(i), in _received.Addresses[i], _received.ArrivalMicros[i]);
        }

        Volatile.Write(ref _datagramsIn, _datagramsIn + count);
        Volatile.Write(ref _bytesIn, _bytesIn + bytes);
    }

    private bool Fill()
    {
        int count = 0;
        while (count < _sending.Capacity && _endpoint.TryPollDatagram(_sending.Buffer(count), out int length, out PeerAddress to))
        {
            _sending.Lengths[count] = length;
            _sending.Addresses[count] = to;
            count++;
        }

        _sendFirst = 0;
        _sendEnd = count;
        return count > 0;
    }

    private void Count(int done)
    {
        long bytes = 0;
        for (int i = 0; i < done; i++)
        {
            bytes += _sending.Lengths[_sendFirst + i];
        }

        Volatile.Write(ref _datagramsOut, _datagramsOut + done);
        Volatile.Write(ref _bytesOut, _bytesOut + bytes);
    }
}
