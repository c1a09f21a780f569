using System.Runtime.CompilerServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

// The records of entities that are not the client's own: nearly all that is written.
internal sealed partial class SnapshotWriter
{
    private void WriteOthers(ref BitWriter writer, SnapshotStream stream, SnapshotFrame frame, int commonAge)
    {
        Tick now = frame.Tick;
        Tick common = commonAge > 0 ? now - commonAge : now; // nobody has acknowledged this tick: with it, no record is a usual one
        SentSnapshots sent = stream.Sent;
        int first = _chosenNext;
        int before = -1;
        for (; _chosenNext < _chosenCount; _chosenNext++)
        {
            int slot = _chosen[_chosenNext];
            ref EntityTrack track = ref stream.Track(slot);
            if (!_isSorted || !TryWriteUsual(ref writer, in track, slot, slot - before - 1, common))
            {
                BitWriter.Position mark = writer.Mark();
                WriteOther(ref writer, ref track, slot, before, frame, commonAge);
                if (!Fits(ref writer, in mark))
                {
                    break;
                }
            }

            sent.Add(new SentRecord((ushort)slot, track.Epoch, KindOf(in track)));
            before = slot;
            _formerLeft -= _formerLeft > 0 && track.WasOwned ? 1 : 0;
            track.Priority = 0;
            track.HasSent = true;
            track.LastSent = now;
        }

        EntitiesSent += _chosenNext - first;
    }

    // Nearly every record: the slot is near the one before, the baseline the common one, another client has had the same, and there is room.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryWriteUsual(ref BitWriter writer, in EntityTrack track, int slot, int gap, Tick common)
    {
        if (gap > 15 || track.State != TrackState.Visible || !track.HasBaseline || track.Baseline != common
            || !_shared.TryGet(slot, common, out ReadOnlySpan<byte> source, out int bits) || writer.BitsLeft < 9 + bits + EndBits)
        {
            return false;
        }

        writer.Write(1u | ((uint)gap << 1) | ((uint)RecordOperation.Update << 6) | (1u << 8), 9);
        writer.WriteBits(source, bits);
        return true;
    }

    private void WriteOther(ref BitWriter writer, ref EntityTrack track, int slot, int before, SnapshotFrame frame, int commonAge)
    {
        writer.WriteBool(true);
        if (_isSorted)
        {
            writer.WriteVariable((uint)(slot - before - 1));
        }
        else
        {
            writer.Write((uint)slot, 12);
        }

        WriteOtherRecord(ref writer, ref track, slot, frame, commonAge);
    }

    private void WriteOtherRecord(ref BitWriter writer, ref EntityTrack track, int slot, SnapshotFrame frame, int commonAge)
    {
        if (TryWriteRemoval(ref writer, in track))
        {
            return;
        }

        int age = track.HasBaseline ? frame.Tick - track.Baseline : 0;
        bool reachable = track.HasBaseline && (age is > 0 and < Limits.HistoryTicks || !(track.HasSent || track.MayHaveNewer));
        if (reachable && _shared.TryGet(slot, track.Baseline, out ReadOnlySpan<byte> source, out int bits))
        {
            WriteUpdate(ref writer, age, commonAge);
            writer.WriteBits(source, bits);
            return;
        }

        KindSchema kind = _schema.KindOfSlot(slot);
        var span = new SampleSpan(frame.Tick, frame.ChangedAt[slot], frame.PreviousChangedAt[slot]);
        if (reachable && _history.TryGetSeen(track.Baseline, slot, track.Generation, out SnapshotFrame from))
        {
            WriteUpdate(ref writer, age, commonAge);
            _shared.Write(ref writer, slot, track.Baseline, kind, in span, _history.Row(from, slot), _history.Row(frame, slot));
        }
        else
        {
            writer.Write((uint)RecordOperation.Full, 2);
            WriteIdentity(ref writer, in track, in _world.Meta(slot), frame.Tick);
            writer.WriteBool(false);
            WriteSeen(ref writer, kind, in span, kind.Seen.ZeroRow, _history.Row(frame, slot));
        }
    }

    private static void WriteUpdate(ref BitWriter writer, int age, int commonAge)
    {
        writer.Write((uint)RecordOperation.Update, 2);
        WriteBaseline(ref writer, (uint)age < Limits.HistoryTicks ? age : 0, commonAge);
    }
}
