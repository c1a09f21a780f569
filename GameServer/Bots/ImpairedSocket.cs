using GameServer.Netcode.Transport;

namespace GameServer.Bots;

/// <summary>A socket behind a bad link: both directions are delayed, lost and repeated in the process of the client.</summary>
/// <remarks>
/// Reproducible by its seed as far as the sequence of datagrams is. Owner: one thread. Allocates: only while more is under way than ever before.
/// </remarks>
internal sealed class ImpairedSocket(IDatagramSocket socket, LinkModel model, ulong seed) : IDatagramSocket
{
    private readonly LinkImpairment _inward = new(model, seed);
    private readonly LinkImpairment _outward = new(model, ~seed);
    private readonly DatagramBatch _batch = new(32);

    public PeerAddress LocalAddress => socket.LocalAddress;

    public long KernelDrops => socket.KernelDrops;

    public long SendErrors => socket.SendErrors;

    public long SendStalls => socket.SendStalls;

    public int ReceiveBufferBytes => socket.ReceiveBufferBytes;

    public int SendBufferBytes => socket.SendBufferBytes;

    public SocketFilterState Filter => socket.Filter;

    public int Receive(DatagramBatch batch)
    {
        long nowMicros = SocketClock.Micros;
        SendDue(nowMicros);
        int received;
        do
        {
            received = socket.Receive(_batch);
            for (int i = 0; i < received; i++)
            {
                long arrival = _batch.ArrivalMicros[i];
                _inward.Send(_batch.Datagram(i), in _batch.Addresses[i], arrival > 0 ? arrival : nowMicros);
            }
        }
        while (received == _batch.Capacity);

        int count = 0;
        while (count < batch.Capacity)
        {
            // A datagram arrives when the link lets it out, not when somebody looks.
            long dueMicros = _inward.NextMicros;
            if (!_inward.TryTake(nowMicros, batch.Buffer(count), out int length, out PeerAddress from))
            {
                break;
            }

            batch.Lengths[count] = length;
            batch.Addresses[count] = from;
            batch.ArrivalMicros[count++] = Math.Min(dueMicros, nowMicros);
        }

        return count;
    }

    public int Send(DatagramBatch batch, int start, int count)
    {
        long nowMicros = SocketClock.Micros;
        for (int i = start; i < start + count; i++)
        {
            _outward.Send(batch.Datagram(i), in batch.Addresses[i], nowMicros);
        }

        SendDue(nowMicros);
        return count;
    }

    public void Wait(long timeoutMicros)
    {
        long due = Math.Min(_inward.NextMicros, _outward.NextMicros);
        socket.Wait(Math.Clamp(due - SocketClock.Micros, 0, timeoutMicros));
    }

    public void Wake() => socket.Wake();

    public void Dispose() => socket.Dispose();

    private void SendDue(long nowMicros)
    {
        int count;
        do
        {
            count = 0;
            while (count < _batch.Capacity && _outward.TryTake(nowMicros, _batch.Buffer(count), out int length, out PeerAddress to))
            {
                _batch.Lengths[count] = length;
                _batch.Addresses[count++] = to;
            }

            // What the system does not take is lost like any datagram.
            _ = count > 0 ? socket.Send(_batch, 0, count) : 0;
        }
        while (count == _batch.Capacity);
    }
}
