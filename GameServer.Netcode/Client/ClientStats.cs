namespace GameServer.Netcode.Client;

/// <summary>How a client is doing.</summary>
/// <remarks>Owner: the client's thread. Counts are since the join.</remarks>
public sealed class ClientStats
{
    private readonly long[] _hits = new long[(int)HitFate.Hidden + 1];

    /// <summary>Smoothed round trip of the transport, in milliseconds.</summary>
    public double RoundTripMillis { get; internal set; }

    /// <summary>Snapshots that were taken.</summary>
    public long SnapshotsReceived { get; internal set; }

    /// <summary>Snapshots that were lost, or came too late to be taken.</summary>
    public long SnapshotsLost { get; internal set; }

    /// <summary>UDP payload bytes of snapshots.</summary>
    public long SnapshotBytes { get; internal set; }

    /// <summary>UDP payload bytes received, all kinds.</summary>
    public long BytesReceived { get; internal set; }

    /// <summary>UDP payload bytes sent, all kinds.</summary>
    public long BytesSent { get; internal set; }

    /// <summary>Mispredictions that the client itself is to blame for.</summary>
    public long CorrectionsOwn { get; internal set; }

    /// <summary>Corrections after the rules changed an own entity.</summary>
    public long CorrectionsExternal { get; internal set; }

    /// <summary>Corrections after the server had to make up an input.</summary>
    public long CorrectionsStarved { get; internal set; }

    /// <summary>Largest own correction, in units of the world.</summary>
    public double MaxCorrectionUnits { get; internal set; }

    /// <summary>
    /// Times that an own entity's prediction differed from the server's state by any bit, though neither the rules had changed it, nor an input had
    /// not been executed as sent, nor was it new. Each is a step that computes something else on the two sides.
    /// </summary>
    public long UnexplainedRollbacks { get; internal set; }

    /// <summary>Presses that are not executed: eight of the same button were waiting for a tick already, or 63 for the server.</summary>
    public long PressesMerged { get; internal set; }

    /// <summary>Ticks simulated again.</summary>
    public long ReplayedTicks { get; internal set; }

    /// <summary>
    /// Ticks in which the client did not run as far ahead of the server as its link asks for, because what it predicts would be forgotten before the server's
    /// word of it comes: the round trip is longer than <see cref="Primitives.Limits.PredictionMillis"/>, or no snapshots come. Its inputs are then too late for their ticks.
    /// </summary>
    public long TicksBeyondHistory { get; internal set; }

    /// <summary>Predicted spawns for which the client had no room: it predicts at most <see cref="Primitives.Limits.OwnedEntitiesMax"/> entities.</summary>
    public long SpawnsRefused { get; internal set; }

    /// <summary>Predicted spawns that the server did not confirm: its kind was full, or its step did not spawn.</summary>
    public long SpawnsUnconfirmed { get; internal set; }

    /// <summary>Margin of the inputs by the newest report of the server, in ticks.</summary>
    public double MarginTicks { get; internal set; }

    /// <summary>How far the client's tick is ahead of the newest snapshot, in ticks.</summary>
    public double LeadTicks { get; internal set; }

    /// <summary>How far in the past others are drawn, in milliseconds behind the newest state.</summary>
    public double InterpolationDelayMillis { get; internal set; }

    /// <summary>Rays cast by the prediction.</summary>
    public long ShotsFired { get; internal set; }

    /// <summary>Rays that hit something on the client's screen.</summary>
    public long ClaimedHits { get; internal set; }

    /// <summary>Claims that changed when a correction moved the shooter and the shot was replayed.</summary>
    public long ClaimsRevised { get; internal set; }

    /// <summary>Claimed hits that the server judged; see <see cref="HitsBy"/> for what became of the others.</summary>
    public long JudgedHits { get; internal set; }

    /// <summary>Claimed hits that the server confirmed, in whatever world it judged them.</summary>
    public long ConfirmedHits => _hits[(int)HitFate.Confirmed];

    /// <summary>Rays of one tick beyond the sixteenth: they hit and miss as any, but are not compared with the server's verdicts.</summary>
    public long RaysNotCompared { get; internal set; }

    /// <summary>Rays that the server judged in the same world and gave another target.</summary>
    public long Disagreements { get; internal set; }

    /// <summary>Rays judged apart: the view was extrapolated on either side.</summary>
    public long VerdictsExtrapolated { get; internal set; }

    /// <summary>Rays judged apart: the server clamped the view.</summary>
    public long VerdictsClamped { get; internal set; }

    /// <summary>Rays judged apart: somebody on screen had been behind cover for longer than the game allows.</summary>
    public long VerdictsHidden { get; internal set; }

    /// <summary>Rays that the server gave another target where the input was made up or the shooter himself turned out to have been pushed, and verdicts that came when the claim was forgotten.</summary>
    public long VerdictsApart { get; internal set; }

    /// <summary>How far back the server has to look for a shot fired now, in milliseconds: the round trip, and the delay of margin and interpolation.</summary>
    public double RewindMillis { get; internal set; }

    /// <summary>Longest round trip at which the server would still judge shots as they were drawn, with the delay as it is, in milliseconds. Beyond it they are judged against fresher states.</summary>
    public double RewindRoundTripMaxMillis { get; internal set; }

    /// <summary>Events with a life, and verdicts, that the server gave up before they arrived; counted once 1,024 newer ones were numbered.</summary>
    public long EventsMissed { get; internal set; }

    /// <summary>Lines of chat that were never taken and made room for newer ones.</summary>
    public long ChatOverflowed { get; internal set; }

    /// <summary>Events that were never taken and made room for newer ones.</summary>
    public long EventsOverflowed { get; internal set; }

    /// <summary>Reliable events that can no longer arrive.</summary>
    public long EventGaps { get; internal set; }

    /// <summary>Snapshots against a state that was not held.</summary>
    public long BaselineMisses { get; internal set; }

    /// <summary>Claimed hits by what became of them; together they are <see cref="ClaimedHits"/>.</summary>
    public long HitsBy(HitFate fate) => fate == HitFate.Waiting ? ClaimedHits - Decided : _hits[(int)fate];

    private long Decided
    {
        get
        {
            long sum = 0;
            foreach (long count in _hits)
            {
                sum += count;
            }

            return sum;
        }
    }

    internal void Count(HitFate fate, int count) => _hits[(int)fate] += count;
}
