using GameServer.Netcode.Transport;

namespace GameServer.Hosting;

/// <summary>The one clock of the process: monotonic, shared by ticks, arrival times and timeouts.</summary>
/// <remarks>Any thread. It is the sockets' clock, so that an arrival and a deadline can be subtracted; on Linux it is CLOCK_MONOTONIC.</remarks>
public static class MonotonicClock
{
    /// <summary>Microseconds since an arbitrary start.</summary>
    public static long Micros => SocketClock.Micros;

    /// <summary>Nanoseconds since the same start.</summary>
    public static long Nanos => SocketClock.Nanos;
}
