using GameServer.Netcode.Transport;

namespace GameServer.Bench.Lab;

/// <summary>The time of a virtual network.</summary>
internal sealed class VirtualClock
{
    public long Micros { get; set; }
}

/// <summary>A socket in a simulated network.</summary>
internal sealed class MemorySocket(SimulatedNetwork network, VirtualClock clock, PeerAddress address) : IDatagramSocket
{
    public PeerAddress LocalAddress => address;

    public long KernelDrops => 0;

    public long SendErrors => 0;

    public long SendStalls => 0;

    public int ReceiveBufferBytes => 0;

    public int SendBufferBytes => 0;

    public SocketFilterState Filter => SocketFilterState.Unsupported;

    public int Receive(DatagramBatch batch)
    {
        int count = 0;
        while (count < batch.Capacity
            && network.TryReceive(in address, clock.Micros, batch.Buffer(count), out batch.Lengths[count], out batch.Addresses[count]))
        {
            batch.ArrivalMicros[count++] = 0; // the owner's own time is taken
        }

        return count;
    }

    public int Send(DatagramBatch batch, int start, int count)
    {
        for (int i = start; i < start + count; i++)
        {
            network.Send(in address, in batch.Addresses[i], batch.Datagram(i), clock.Micros);
        }

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
