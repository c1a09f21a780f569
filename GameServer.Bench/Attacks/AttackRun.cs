using GameServer.Netcode.Transport;

namespace GameServer.Bench.Attacks;

/// <summary>What all attacks of one run share.</summary>
/// <param name="Control">The same honest load without an attack.</param>
/// <param name="Datagrams">Forged datagrams of one flood.</param>
/// <param name="Rate">Forged datagrams a second at most.</param>
/// <param name="SecondsMax">A flood ends after that time, however few have left.</param>
/// <param name="Yields">Whether the sender waits for a server that has not emptied its socket for a while.</param>
internal sealed record AttackRun(Control Control, long Datagrams, int Rate, int SecondsMax, bool Yields)
{
    /// <summary>What is said where raw sockets are not allowed.</summary>
    public const string NoRawSockets = "raw sockets are not allowed here (CAP_NET_RAW)";

    private const int DatagramsMin = 10_000;
    private const long BehindMicrosMax = 150_000;

    /// <summary>Starts a flood at that server.</summary>
    public FloodSender Send(Forger forger, AttackServer server, Action<ForgedBatch, int, long> fill) =>
        new(forger, Rate, fill, () => Yields && SocketClock.Micros - server.EmptiedMicros > BehindMicrosMax);

    /// <summary>A flood that was none has proved nothing, unless a bound was missed all the same.</summary>
    public static bool? Verdict(FloodSender sender, bool holds) => holds && sender.Sent < DatagramsMin ? null : holds;
}
