using System.Numerics;
using System.Runtime.InteropServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;

namespace GameServer.Netcode.Client;

/// <summary>Counts where the prediction differed from the server's state: by more than a quantum, by who is to blame; by any bit, when nobody is.</summary>
/// <remarks>Owner: the client's thread. Allocates: only at start.</remarks>
internal sealed class Mispredictions(ClientStats stats, List<EntityReplica> owned)
{
    private readonly int[] _predicted = new int[Limits.FieldsMax];
    private readonly int[] _actual = new int[Limits.FieldsMax];

    /// <summary>Counts the difference of an entity's states at a tick.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="replica">What the server has told of it.</param>
    /// <param name="reader">What the server has told of the client's inputs.</param>
    /// <param name="tick">The tick of both states.</param>
    /// <param name="comparedBefore">The tick up to which all was compared, for an entity that has not been.</param>
    /// <param name="predicted">The state of the prediction.</param>
    /// <param name="actual">The state of the server.</param>
    /// <param name="ended">The prediction has ended the entity.</param>
    public void Count(
        PredictedEntity entity, EntityReplica replica, SnapshotReader reader, Tick tick, Tick comparedBefore, ReadOnlySpan<byte> predicted, ReadOnlySpan<byte> actual, bool ended)
    {
        Tick before = entity.HasCompared ? entity.ComparedAt : comparedBefore;
        bool isStarved = tick - before > SnapshotHeader.StarvedAgeMax || reader.HasStarved(before, tick); // too long ago to be told: nobody was there
        bool isExternal = (replica.HasExternal && (replica.ExternalTick > before || IsHeld(replica))) || IsInherited(entity, reader, tick, before);
        stats.UnexplainedRollbacks += isStarved || isExternal ? 0 : 1;
        double units = 0;
        if (!ended && !IsCorrection(entity.Kind, predicted, actual, out units))
        {
            return;
        }

        if (isStarved)
        {
            stats.CorrectionsStarved++;
        }
        else if (isExternal)
        {
            stats.CorrectionsExternal++;
        }
        else
        {
            stats.CorrectionsOwn++;
            stats.MaxCorrectionUnits = Math.Max(stats.MaxCorrectionUnits, units);
        }
    }

    // The state is still what the rules made of it: they undo in every tick what the step does, and what does not change is not told again.
    private static bool IsHeld(EntityReplica replica) =>
        replica.Owned!.TryGet(replica.ExternalTick, out ReadOnlySpan<int> left) && left.SequenceEqual(replica.Owned.NewestRow);

    // Spawned from a state that the rules have changed, or may have: no snapshot has had room to tell yet.
    private bool IsInherited(PredictedEntity entity, SnapshotReader reader, Tick tick, Tick before)
    {
        if (entity.HasCompared)
        {
            return false;
        }

        bool isChanged = !(reader.HasNewestOwned && reader.NewestOwned.Tick >= tick);
        foreach (EntityReplica replica in owned)
        {
            isChanged |= replica.HasExternal && replica.ExternalTick > before && replica.ExternalTick <= tick;
        }

        return isChanged;
    }

    private bool IsCorrection(KindSchema kind, ReadOnlySpan<byte> predicted, ReadOnlySpan<byte> actual, out double units)
    {
        Span<int> a = _predicted.AsSpan(0, kind.Seen.Count);
        Span<int> b = _actual.AsSpan(0, kind.Seen.Count);
        kind.Seen.Capture(ref MemoryMarshal.GetReference(predicted), 0, a);
        kind.Seen.Capture(ref MemoryMarshal.GetReference(actual), 0, b);
        units = 0;
        if (kind.PositionColumn >= 0)
        {
            int offset = kind.Seen.Columns[kind.PositionColumn].Offset;
            Vector3 from = MemoryMarshal.Read<Vector3>(predicted[offset..]);
            Vector3 to = MemoryMarshal.Read<Vector3>(actual[offset..]);
            units = DeterministicMath.Distance(from, to);
        }

        for (int i = 0; i < a.Length; i++)
        {
            if (Math.Abs((long)a[i] - b[i]) > (kind.Seen.Columns[i].Type == FieldType.Float ? 1 : 0))
            {
                return true;
            }
        }

        return false;
    }
}
