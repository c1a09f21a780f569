namespace GameServer.Netcode.Transport;

/// <summary>A UDP socket that moves batches and never blocks except in <see cref="Wait"/>.</summary>
/// <remarks>Owner: one thread, but for <see cref="Wake"/>. Allocates: no, once open. Errors of single datagrams are counted, never thrown.</remarks>
public interface IDatagramSocket : IDisposable
{
    /// <summary>The bound address, with the real port.</summary>
    PeerAddress LocalAddress { get; }

    /// <summary>Datagrams that the system dropped because the receive buffer was full.</summary>
    long OverflowDrops { get; }

    /// <summary>Receives what is there, up to the capacity of <paramref name="batch"/>; returns how many, 0 when nothing is there.</summary>
    int Receive(DatagramBatch batch);

    /// <summary>Sends datagrams <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/> − 1 of
    /// <paramref name="batch"/> in order; returns how many are dealt with, fewer when the system takes no more for the moment.</summary>
    int Send(DatagramBatch batch, int start, int count);

    /// <summary>Sleeps until a datagram is there, <see cref="Wake"/> was called, or <paramref name="timeoutMicros"/> have passed.</summary>
    void Wait(long timeoutMicros);

    /// <summary>Ends a running or the next <see cref="Wait"/>; callable from any thread.</summary>
    void Wake();
}
