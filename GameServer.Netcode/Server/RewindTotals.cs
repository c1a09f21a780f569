namespace GameServer.Netcode.Server;

/// <summary>Hit tests in the past, by what became of the view that the client claimed.</summary>
/// <param name="Accepted">Judged at that view.</param>
/// <param name="Age">Clamped: further back than the cap, or what was on screen was.</param>
/// <param name="Speed">Clamped: the view ran backward, or faster or slower than time.</param>
/// <param name="Estimate">Clamped: neither what was acknowledged nor the server's own estimate allows it.</param>
/// <param name="HeldAcks">Clamped: the client holds its acknowledgements back, and is judged in the world as it is.</param>
/// <param name="Extrapolated">Of all of these: beyond the newest snapshot that the client had.</param>
/// <param name="Hidden">Of all of these: met somebody on screen who had been behind cover for too long, and hit nobody for that.</param>
public readonly record struct RewindTotals(
    long Accepted, long Age, long Speed, long Estimate, long HeldAcks, long Extrapolated, long Hidden)
{
    /// <summary>All that were clamped.</summary>
    public long Clamped => Age + Speed + Estimate + HeldAcks;

    /// <summary>What came since.</summary>
    public static RewindTotals operator -(RewindTotals now, RewindTotals then) => new(
        now.Accepted - then.Accepted, now.Age - then.Age, now.Speed - then.Speed, now.Estimate - then.Estimate, now.HeldAcks - then.HeldAcks,
        now.Extrapolated - then.Extrapolated, now.Hidden - then.Hidden);
}
