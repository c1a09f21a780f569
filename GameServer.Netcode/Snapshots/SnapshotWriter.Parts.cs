using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

// The parts that records are made of.
internal sealed partial class SnapshotWriter
{
    private static SentKind KindOf(in EntityTrack track) => track.State == TrackState.Visible ? SentKind.State : SentKind.Removal;

    private static bool TryWriteRemoval(ref BitWriter writer, in EntityTrack track)
    {
        if (track.State == TrackState.Visible)
        {
            return false;
        }

        writer.Write((uint)(track.State == TrackState.Hiding ? RecordOperation.Hide : RecordOperation.Despawn), 2);
        return true;
    }

    private static void WriteIdentity(ref BitWriter writer, in EntityTrack track, in World.EntityMeta meta, Tick now)
    {
        writer.Write(track.Generation, 16);
        writer.Write(track.Epoch, 8);
        uint age = (uint)(now - meta.SpawnTick); // unsigned: what has always lived counts from tick 0
        writer.WriteVariable(track.IsOwned ? age : Math.Min(age, SnapshotSizes.SpawnAgeMax));
    }

    private static void WriteBaseline(ref BitWriter writer, int age, int commonAge)
    {
        if (age != 0 && age == commonAge)
        {
            writer.WriteBool(true);
            return;
        }

        writer.WriteBool(false);
        writer.WriteBool(age != 0);
        if (age != 0)
        {
            writer.Write((uint)age, 7);
        }
    }

    /// <summary>What everybody is told of an entity: when it changed, and how.</summary>
    internal static void WriteSeen(ref BitWriter writer, KindSchema kind, in SampleSpan span, ReadOnlySpan<int> baseline, ReadOnlySpan<int> row)
    {
        WriteSpan(ref writer, in span);
        FieldCodec.Write(ref writer, kind.Seen.Columns, baseline, row);
    }

    private static void WriteSpan(ref BitWriter writer, in SampleSpan span)
    {
        int since = span.Tick - span.ChangedAt;
        int held = span.ChangedAt - span.PreviousChangedAt;
        bool steady = since == 0 && held == 1;
        writer.WriteBool(steady);
        if (!steady)
        {
            writer.Write((uint)since, 7);
            writer.Write((uint)held, 7);
        }
    }
}
