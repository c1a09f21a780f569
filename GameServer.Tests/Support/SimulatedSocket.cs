using GameServer.Netcode.Transport;

namespace GameServer.Tests.Support;

/// <summary>A socket in a simulated network, whose owner may have a clock that drifts.</summary>
internal sealed class SimulatedSocket(SimulatedNetwork network, PeerAddress address) : IDatagramSocket
{
    public PeerAddress LocalAddress => address;

    public long KernelDrops => 0;

    public long SendErrors => 0;

    public long SendStalls => 0;

    public int ReceiveBufferBytes => 0;

    public int SendBufferBytes => 0;

    public SocketFilterState Filter => SocketFilterState.Unsupported;

    /// <summary>Bytes that the simulated network has allocated in calls of this socket: its queues grow.</summary>
    public long BytesAllocated { get; private set; }

    /// <summary>Turns time of the network into the owner's, for sockets that say when a datagram arrived; none: they do not.</summary>
    public Func<long, long>? ArrivalClock { get; init; }

    /// <summary>Time of the network.</summary>
    public long NetworkMicros { get; set; }

    public int Receive(DatagramBatch batch)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        int count = 0;
        while (count < batch.Capacity
            && network.TryReceive(in address, NetworkMicros, batch.Buffer(count), out batch.Lengths[count], out batch.Addresses[count], out long arrivedMicros))
        {
            batch.ArrivalMicros[count] = ArrivalClock?.Invoke(arrivedMicros) ?? 0; // 0: the owner's own time is taken
            count++;
        }

        BytesAllocated += GC.GetAllocatedBytesForCurrentThread() - before;
        return count;
    }

    public int Send(DatagramBatch batch, int start, int count)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = start; i < start + count; i++)
        {
            network.Send(in address, in batch.Addresses[i], batch.Datagram(i), NetworkMicros);
        }

        BytesAllocated += GC.GetAllocatedBytesForCurrentThread() - before;
        return count;
    }

    public void Wait(long timeoutMicros)
    {
    }

    public void Wake()
    {
    }

    public void Dispose()
    {
    }
}
