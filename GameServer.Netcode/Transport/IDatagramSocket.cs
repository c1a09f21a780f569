namespace GameServer.Netcode.Transport;

/// <summary>A UDP socket that moves batches and never blocks except in <see cref="Wait"/>.</summary>
/// <remarks>
/// Owner: one thread, but for <see cref="Wake"/> and the counters. Allocates: no, once open and after the first use of a batch.
/// Errors of single datagrams are counted, never thrown. Dispose when no thread uses it any more.
/// </remarks>
public interface IDatagramSocket : IDisposable
{
    /// <summary>The bound address, with the real port.</summary>
    PeerAddress LocalAddress { get; }

    /// <summary>Datagrams that the kernel dropped before this program saw them: no room in the receive buffer, or refused by an attached filter.</summary>
    /// <remarks>Linux counts both in one number, which nobody can take apart. Always 0 where the system does not tell.</remarks>
    long KernelDrops { get; }

    /// <summary>Datagrams that the system refused to send (no route, too large for the interface, firewall) and that were passed over.</summary>
    long SendErrors { get; }

    /// <summary>How often the system took no more for the moment.</summary>
    long SendStalls { get; }

    /// <summary>Receive buffer that was granted, in bytes.</summary>
    int ReceiveBufferBytes { get; }

    /// <summary>Send buffer that was granted, in bytes.</summary>
    int SendBufferBytes { get; }

    /// <summary>What became of the filter.</summary>
    SocketFilterState Filter { get; }

    /// <summary>Receives what is there, up to the capacity of <paramref name="batch"/>; returns how many, 0 when nothing is there.</summary>
    /// <remarks>Fewer than the capacity means that the socket was drained. Empty datagrams come with length 0; longer ones than a buffer are cut to it,
    /// which no valid one fills.</remarks>
    int Receive(DatagramBatch batch);

    /// <summary>Sends datagrams <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/> − 1 of
    /// <paramref name="batch"/> in order; returns how many are dealt with, fewer when the system takes no more for the moment.</summary>
    int Send(DatagramBatch batch, int start, int count);

    /// <summary>Sleeps until a datagram is there, <see cref="Wake"/> was called, or <paramref name="timeoutMicros"/> have passed; may end early.</summary>
    /// <remarks>Range: 0 returns at once. After a send that stalled it sleeps at most a millisecond, so that the caller tries again.
    /// The portable socket sleeps whole milliseconds, rounded up.</remarks>
    void Wait(long timeoutMicros);

    /// <summary>Ends a running or the next <see cref="Wait"/>; callable from any thread.</summary>
    /// <remarks>Costs a system call only while the owner really sleeps.</remarks>
    void Wake();
}
