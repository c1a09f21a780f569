using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;

namespace GameServer.Netcode.Client;

/// <summary>What each predicted ray hit on the client's screen, until the server's verdict is there.</summary>
/// <remarks>
/// A claim is what the client believes: when a correction moves the shooter, the replay of the shot replaces it. Where the shooter himself turns out to
/// have been elsewhere (pushed, or his input made up), a verdict that differs says nothing about the rewind and counts apart; one that agrees agrees.
/// Owner: the client's thread. Allocates: only at start.
/// </remarks>
internal sealed class ShotClaims
{
    private const int PerTick = 16;

    private readonly Claim[] _claims = new Claim[Limits.HistoryTicks * PerTick];
    private readonly List<ShotVerdict> _verdicts = new(Limits.EventsInFlightMax);
    private readonly TickRing<bool> _disturbed = new(Limits.HistoryTicks);
    private readonly ClientStats _stats;
    private Tick _newest;
    private bool _hasNewest;

    public ShotClaims(ClientStats stats) => _stats = stats;

    private struct Claim
    {
        public Tick Tick;
        public EntityId Target;
        public bool IsFilled;
        public bool IsExtrapolated;
    }

    /// <summary>A ray was predicted, or predicted again.</summary>
    public void Add(Tick tick, int ordinal, EntityId target, bool extrapolated)
    {
        ref Claim claim = ref At(tick, ordinal);
        _newest = !_hasNewest || tick > _newest ? tick : _newest;
        _hasNewest = true;
        if (claim.IsFilled && claim.Tick == tick)
        {
            _stats.ClaimsRevised += claim.Target == target ? 0 : 1;
            claim.Target = target;
            return;
        }

        claim = new Claim { Tick = tick, Target = target, IsFilled = true, IsExtrapolated = extrapolated };
        _stats.ShotsFired++;
        _stats.ClaimedHits += target.IsNone ? 0 : 1;
    }

    /// <summary>The server has judged a ray; to be settled once the shooter's own state is compared.</summary>
    public void Add(in ShotVerdict verdict) => _verdicts.Add(verdict);

    /// <summary>Settles the verdicts of ticks up to <paramref name="compared"/>.</summary>
    /// <param name="before">The tick that was compared before.</param>
    /// <param name="compared">The tick that has been compared.</param>
    /// <param name="disturbed">The shooter's own state was changed from outside in between.</param>
    public void Settle(Tick before, Tick compared, bool disturbed)
    {
        // Remembered by tick: a verdict may come in a later snapshot than the state of its tick.
        for (Tick tick = compared - Math.Min(compared - before, Limits.HistoryTicks) + 1; disturbed && tick <= compared; tick += 1)
        {
            _disturbed.Add(tick) = true;
        }

        Tick newest = _hasNewest && _newest > compared ? _newest : compared;
        for (int i = 0; i < _verdicts.Count; i++)
        {
            ShotVerdict verdict = _verdicts[i];
            if (verdict.Tick > compared)
            {
                continue;
            }

            Judge(in verdict, isForgotten: newest - verdict.Tick >= Limits.HistoryTicks);
            _verdicts[i--] = _verdicts[^1];
            _verdicts.RemoveAt(_verdicts.Count - 1);
        }
    }

    // A claim is forgotten once another tick has taken its place; so is whether the shooter was disturbed.
    private void Judge(in ShotVerdict verdict, bool isForgotten)
    {
        if (isForgotten)
        {
            _stats.VerdictsApart++;
            return;
        }

        ref Claim claim = ref At(verdict.Tick, verdict.Ordinal);
        bool claimed = claim.IsFilled && claim.Tick == verdict.Tick;
        EntityId target = claimed ? claim.Target : EntityId.None;
        bool agrees = target == verdict.Target;
        _stats.JudgedHits += target.IsNone ? 0 : 1;
        _stats.ConfirmedHits += agrees && !target.IsNone ? 1 : 0;
        if (verdict.Reason == VerdictReason.Clamped)
        {
            _stats.VerdictsClamped++;
        }
        else if (verdict.Reason == VerdictReason.Extrapolated || (claimed && claim.IsExtrapolated))
        {
            _stats.VerdictsExtrapolated++;
        }
        else if (!agrees && (verdict.Reason == VerdictReason.Starved || _disturbed.Contains(verdict.Tick)))
        {
            _stats.VerdictsApart++;
        }
        else if (!agrees)
        {
            _stats.Disagreements++;
        }
    }

    private ref Claim At(Tick tick, int ordinal) => ref _claims[(tick.HistoryIndex * PerTick) + (ordinal & (PerTick - 1))];
}
