using System.Diagnostics;

namespace GameServer.Netcode.Transport;

/// <summary>The clock that sockets stamp arrivals with: monotonic, from an arbitrary start.</summary>
/// <remarks>Sockets are where real time enters the library; everything else is given its time. On Linux it is CLOCK_MONOTONIC.</remarks>
public static class SocketClock
{
#pragma warning disable RS0030
    private static readonly long TicksPerSecond = Stopwatch.Frequency;

    /// <summary>The time in microseconds.</summary>
    public static long Micros => Nanos / 1000;

    /// <summary>The time in nanoseconds; as fine as the system's counter.</summary>
    public static long Nanos
    {
        get
        {
            long ticks = Stopwatch.GetTimestamp();
            if (TicksPerSecond == 1_000_000_000)
            {
                return ticks;
            }

            // In two parts, because ticks × 10⁹ leaves 64 bits.
            return ((ticks / TicksPerSecond) * 1_000_000_000) + ((ticks % TicksPerSecond) * 1_000_000_000 / TicksPerSecond);
        }
    }

    /// <summary>UTC in ticks of 100 ns at microsecond 0 of this clock, for <see cref="TransportOptions.UtcTicksAtZero"/>.</summary>
    public static long UtcTicksAtZero => DateTime.UtcNow.Ticks - (Micros * 10);
#pragma warning restore RS0030
}
