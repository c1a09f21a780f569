using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;

namespace GameServer.Netcode.Client;

/// <summary>What each predicted ray hit on the client's screen, until the server's verdict is there.</summary>
/// <remarks>Owner: the client's thread. Allocates: only at start.</remarks>
internal sealed class ShotClaims
{
    private const int PerTick = 16;

    private readonly Claim[] _claims = new Claim[Limits.HistoryTicks * PerTick];
    private readonly ClientStats _stats;

    public ShotClaims(ClientStats stats) => _stats = stats;

    private struct Claim
    {
        public Tick Tick;
        public EntityId Target;
        public bool IsFilled;
        public bool IsExtrapolated;
    }

    /// <summary>A ray was predicted; the first prediction of it counts.</summary>
    public void Add(Tick tick, int ordinal, EntityId target, bool extrapolated)
    {
        ref Claim claim = ref At(tick, ordinal);
        if (claim.IsFilled && claim.Tick == tick)
        {
            return;
        }

        claim = new Claim { Tick = tick, Target = target, IsFilled = true, IsExtrapolated = extrapolated };
        _stats.ShotsFired++;
        _stats.ClaimedHits += target.IsNone ? 0 : 1;
    }

    /// <summary>The server has judged a ray.</summary>
    public void Judge(in ShotVerdict verdict)
    {
        ref Claim claim = ref At(verdict.Tick, verdict.Ordinal);
        bool claimed = claim.IsFilled && claim.Tick == verdict.Tick;
        EntityId target = claimed ? claim.Target : EntityId.None;
        if (verdict.Reason == VerdictReason.Starved)
        {
            _stats.VerdictsApart++;
        }
        else if (verdict.Reason == VerdictReason.Clamped)
        {
            _stats.VerdictsClamped++;
        }
        else if (verdict.Reason == VerdictReason.Extrapolated || (claimed && claim.IsExtrapolated))
        {
            _stats.VerdictsExtrapolated++;
        }
        else if (target != verdict.Target)
        {
            _stats.Disagreements++;
        }
        else
        {
            _stats.ConfirmedHits += target.IsNone ? 0 : 1;
        }
    }

    private ref Claim At(Tick tick, int ordinal) => ref _claims[(tick.HistoryIndex * PerTick) + (ordinal & (PerTick - 1))];
}
