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
    private const int PerTick = Limits.RaysComparedPerTick;

    /// <summary>Ticks after which a claim without a verdict is given up; one that comes later still counts.</summary>
    private const int PatienceTicks = Limits.HistoryTicks / 2;

    private readonly List<ShotVerdict> _verdicts = new(Limits.EventsInFlightMax);
    private readonly ClientStats _stats;
    private Claim[] _claims = [];
    private TickRing<bool> _disturbed = new(Limits.HistoryTicks);
    private int _historyTicks;
    private Tick _newest;
    private bool _hasNewest;
    private Tick _swept;
    private Tick _notCompared;
    private int _notComparedOrdinal;

    public ShotClaims(ClientStats stats)
    {
        _stats = stats;
        Start(Limits.HistoryTicks);
    }

    private struct Claim
    {
        public Tick Tick;

        /// <summary>What was hit on screen.</summary>
        public EntityId OnScreen;

        /// <summary>What the newest prediction hits.</summary>
        public EntityId Target;
        public bool IsFilled;
        public bool IsExtrapolated;

        /// <summary>The newest prediction fires it, too.</summary>
        public bool IsFired;
        public HitFate Fate;
    }

    /// <summary>Begins a match, in which claims are held for so many ticks, a power of two.</summary>
    public void Start(int historyTicks)
    {
        _historyTicks = historyTicks;
        _claims = new Claim[historyTicks * PerTick];
        _disturbed = new TickRing<bool>(historyTicks);
    }

    /// <summary>A ray was predicted, or predicted again.</summary>
    public void Add(Tick tick, int ordinal, EntityId target, bool extrapolated)
    {
        _swept = _hasNewest ? _swept : tick - 1;
        _newest = !_hasNewest || tick > _newest ? tick : _newest;
        _hasNewest = true;
        if (ordinal >= PerTick)
        {
            NoteNotCompared(tick, ordinal);
            return;
        }

        ref Claim claim = ref At(tick, ordinal);
        if (claim.IsFilled && claim.Tick == tick)
        {
            _stats.ClaimsRevised += claim.Target == target ? 0 : 1;
            claim.Target = target;
            claim.IsFired = true;
            return;
        }

        GiveUp(ref claim);
        claim = new Claim { Tick = tick, OnScreen = target, Target = target, IsFilled = true, IsExtrapolated = extrapolated, IsFired = true };
        _stats.ShotsFired++;
        _stats.ClaimedHits += target.IsNone ? 0 : 1;
    }

    // Once, however often the tick is replayed.
    private void NoteNotCompared(Tick tick, int ordinal)
    {
        if (_stats.RaysNotCompared == 0 || tick > _notCompared || (tick == _notCompared && ordinal > _notComparedOrdinal))
        {
            _stats.RaysNotCompared++;
            _notCompared = tick;
            _notComparedOrdinal = ordinal;
        }
    }

    /// <summary>The prediction returns to a tick: what it fired after that is fired again by the replay, or was not fired.</summary>
    public void RolledBack(Tick to)
    {
        Tick first = _newest - to < _historyTicks ? to + 1 : _newest - (_historyTicks - 1);
        for (Tick tick = first; _hasNewest && tick <= _newest; tick += 1)
        {
            for (int i = 0; i < PerTick; i++)
            {
                ref Claim claim = ref At(tick, i);
                claim.IsFired &= claim.Tick != tick;
            }
        }
    }

    /// <summary>The server has judged a ray; to be settled once the shooter's own state is compared.</summary>
    public void Add(in ShotVerdict verdict)
    {
        if (verdict.Ordinal < PerTick)
        {
            _verdicts.Add(verdict);
        }
    }

    /// <summary>Settles the verdicts of ticks up to <paramref name="compared"/>.</summary>
    /// <param name="before">The tick that was compared before.</param>
    /// <param name="compared">The tick that has been compared.</param>
    /// <param name="disturbed">The shooter's own state was changed from outside in between.</param>
    public void Settle(Tick before, Tick compared, bool disturbed)
    {
        // Remembered by tick: a verdict may come in a later snapshot than the state of its tick.
        for (Tick tick = compared - Math.Min(compared - before, _historyTicks) + 1; disturbed && tick <= compared; tick += 1)
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

            Judge(in verdict, isForgotten: newest - verdict.Tick >= _historyTicks);
            _verdicts[i--] = _verdicts[^1];
            _verdicts.RemoveAt(_verdicts.Count - 1);
        }

        NoteUnfired(before, compared);
        Sweep(compared - PatienceTicks);
    }

    // The states of these ticks are the server's: what the replay from there did not fire, the server did not fire.
    private void NoteUnfired(Tick before, Tick compared)
    {
        for (Tick tick = compared - Math.Min(compared - before, _historyTicks) + 1; tick <= compared; tick += 1)
        {
            for (int i = 0; i < PerTick; i++)
            {
                ref Claim claim = ref At(tick, i);
                if (claim.IsFilled && claim.Tick == tick && !claim.IsFired && claim.Fate == HitFate.Waiting)
                {
                    Decide(ref claim, HitFate.NotFired);
                }
            }
        }
    }

    private void Sweep(Tick upTo)
    {
        if (!_hasNewest || upTo <= _swept)
        {
            return;
        }

        for (Tick tick = upTo - Math.Min(upTo - _swept, _historyTicks) + 1; tick <= upTo; tick += 1)
        {
            for (int i = 0; i < PerTick; i++)
            {
                ref Claim claim = ref At(tick, i);
                if (claim.Tick == tick)
                {
                    GiveUp(ref claim);
                }
            }
        }

        _swept = upTo;
    }

    private void GiveUp(ref Claim claim)
    {
        if (claim.IsFilled && claim.Fate == HitFate.Waiting)
        {
            Decide(ref claim, claim.IsFired && !_disturbed.Contains(claim.Tick) ? HitFate.Unheard : HitFate.NotFired);
        }
    }

    // A verdict that comes after all takes the place of what was thought without it.
    private void Decide(ref Claim claim, HitFate fate)
    {
        if (!claim.OnScreen.IsNone)
        {
            _stats.Count(fate, 1);
            _stats.Count(claim.Fate, claim.Fate == HitFate.Waiting ? 0 : -1);
        }

        claim.Fate = fate;
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
        HitFate fate = Compare(in verdict, claimed ? claim.Target : EntityId.None, claimed && claim.IsExtrapolated);
        if (claimed)
        {
            _stats.JudgedHits += claim.OnScreen.IsNone ? 0 : 1;
            // The replayed shot agrees, but it was another that was on screen.
            Decide(ref claim, claim.OnScreen == verdict.Target ? HitFate.Confirmed : fate == HitFate.Confirmed ? HitFate.Apart : fate);
        }
    }

    private HitFate Compare(in ShotVerdict verdict, EntityId target, bool isExtrapolated)
    {
        bool agrees = target == verdict.Target;
        if (verdict.Reason == VerdictReason.Clamped)
        {
            _stats.VerdictsClamped++;
            return agrees ? HitFate.Confirmed : HitFate.Clamped;
        }

        if (verdict.Reason == VerdictReason.Extrapolated || isExtrapolated)
        {
            _stats.VerdictsExtrapolated++;
            return agrees ? HitFate.Confirmed : HitFate.Extrapolated;
        }

        if (verdict.Reason == VerdictReason.Hidden)
        {
            _stats.VerdictsHidden++;
            return agrees ? HitFate.Confirmed : HitFate.Hidden;
        }

        if (agrees)
        {
            return HitFate.Confirmed;
        }

        bool isApart = verdict.Reason == VerdictReason.Starved || _disturbed.Contains(verdict.Tick);
        _stats.VerdictsApart += isApart ? 1 : 0;
        _stats.Disagreements += isApart ? 0 : 1;
        return isApart ? HitFate.Apart : HitFate.Disputed;
    }

    private ref Claim At(Tick tick, int ordinal) => ref _claims[((int)(tick.Value & (uint)(_historyTicks - 1)) * PerTick) + ordinal];
}
