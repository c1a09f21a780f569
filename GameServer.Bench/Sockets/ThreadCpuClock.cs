using GameServer.Netcode.Transport.Linux;

namespace GameServer.Bench.Sockets;

/// <summary>Processor time of the calling thread: what others take from it does not count.</summary>
internal static unsafe class ThreadCpuClock
{
    private const int ThreadCpuTime = 3;

    public static long Nanos
    {
        get
        {
            TimeSpec time;
            _ = Libc.GetTime(ThreadCpuTime, &time);
            return time.TotalNanos;
        }
    }
}
