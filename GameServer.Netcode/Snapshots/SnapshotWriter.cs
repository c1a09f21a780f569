using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

/// <summary>Builds and writes the snapshots of one tick for one client after the other.</summary>
/// <remarks>
/// <see cref="Build"/> chooses: the client's own entities, on average for at most half of the budget while anything else waits, then events, then
/// what else has changed, each by priority when the budget is short. <see cref="Write"/> puts it into datagrams; after the header (<see cref="SnapshotHeader"/>) come three lists:
/// <code>
/// per own entity      1 = more, 12 slot, record
/// 0
/// 1 all that the tick changed about own entities stands in this snapshot, among the others that some are own no more: what is not there is as it was
/// per event           1 = more, 16 sequence, 1 reliable, event
/// 0
/// per other entity    1 = more, slot (variable: slot − slot before − 1, first against −1; or 12 bits when not in order), record
/// 0
///
/// record   2 operation
///   update   baseline: 1 = the common one | 01 = 7 bits: age in ticks | 00 = the newest that the client has
///            own: external;  other: span;  row against the baseline
///   full     16 generation, 4 epoch, variable: ticks since the spawn, 1 own
///            own: 8 ordinal, external;  other: span;  row against zeros
///   hide, despawn: nothing
/// external 1 = the state was changed by the rules within the last 127 ticks; then 7 bits: how many ticks ago
/// span     1 = changed at this tick, and at the tick before | 0, 7 bits: ticks since the change, 7 bits: ticks that the value before had held
/// event    1 own key, variable: tick − tick of the event, 8 ordinal, 1 verdict
///            verdict: 32 target, 3 reason;  else: 5 bits event, row against zeros
/// </code>
/// Owner: simulation thread. Allocates: only at start.
/// </remarks>
internal sealed partial class SnapshotWriter
{
    /// <summary>A hidden change is not sent again for this long while its snapshot is unsettled, in ticks, beyond the acknowledgement's usual age.</summary>
    private const int ResendTicks = 4;

    /// <summary>Own entities that have not changed are told again before their baseline leaves the history.</summary>
    private const int OwnedBaselineAgeMax = Limits.HistoryTicks - 8;

    /// <summary>While own entities do not all fit, silence says nothing of them: what has not changed either is told again after this many ticks.</summary>
    private const int OwnedRestateTicks = 16;

    /// <summary>Three end marks and the mark of the own block, for which room is always kept.</summary>
    private const int EndBits = SnapshotSizes.EndBits;

    private readonly World _world;
    private readonly Schema _schema;
    private readonly SnapshotHistory _history;
    private readonly int[] _owned;
    private readonly int[] _chosen;
    private readonly int[] _urgency;
    private readonly int[] _recordBitsMax;
    private readonly int[] _ownedUrgency;
    private readonly SharedRecords _shared;
    private int _ownedCount;
    private int _ownedNext;
    private bool _ownedIsLimited;
    private bool _ownedIsDone;
    private int _formerCount;
    private int _formerLeft;
    private int _chosenCount;
    private int _chosenNext;
    private bool _isSorted;
    private readonly EventWriter _events;

    public SnapshotWriter(World world, SnapshotHistory history, EventLog log, EventLog briefLog)
    {
        _world = world;
        _schema = world.Schema;
        _history = history;
        _events = new EventWriter(world.Schema, log, briefLog);
        _owned = new int[_schema.SlotCount];
        _chosen = new int[_schema.SlotCount];
        _urgency = new int[_schema.SlotCount];
        _ownedUrgency = new int[_schema.SlotCount];
        _recordBitsMax = new int[_schema.SlotCount];
        for (int slot = 0; slot < _schema.SlotCount; slot++)
        {
            _recordBitsMax[slot] = _schema.KindOfSlot(slot).Seen.BitsMax + SnapshotSizes.SeenRecordBits;
        }

        _shared = new SharedRecords(_schema.SlotCount);
    }

    /// <summary>Records of others that were sent since the start.</summary>
    public long EntitiesSent { get; private set; }

    /// <summary>Records of others that had to wait for a later tick.</summary>
    public long EntitiesDeferred { get; private set; }

    /// <summary>Records of a client's own entities that were sent since the start.</summary>
    public long OwnedSent { get; private set; }

    /// <summary>Records of a client's own entities that had to wait for a later tick.</summary>
    public long OwnedDeferred { get; private set; }

    /// <summary>Chooses what the client needs to be told in this tick.</summary>
    public void Build(SnapshotStream stream, int budgetBytes)
    {
        SnapshotFrame frame = _history.Newest;
        int resendAfter = ResendTicks + (int)(stream.AckAge + (4 * stream.AckAgeDeviation));
        int bits = 0;
        int ownedBits = 0;
        bool restates = stream.IsOwnedShort(frame.Tick, OwnedRestateTicks);
        _ownedCount = _chosenCount = _formerCount = 0;
        _shared.Begin(frame.Tick);
        foreach (int slot in stream.Pending)
        {
            ref EntityTrack track = ref stream.Track(slot);
            if (track.State == TrackState.Unknown || HasAll(in track, slot, frame))
            {
                stream.Pending.Remove(slot);
            }
            else if (track.IsOwned)
            {
                // What a snapshot does not tell of own entities, the client takes as unchanged: their end is told until it is acknowledged.
                if (track.State != TrackState.Visible || OwnedNeedsUpdate(ref track, slot, frame)
                    || (restates && frame.Tick - track.LastSent >= OwnedRestateTicks))
                {
                    _ownedUrgency[_ownedCount] = OwnedUrgency(in track, frame.Tick);
                    _owned[_ownedCount++] = slot;
                    ownedBits += _schema.KindOfSlot(slot).Owned.BitsMax + SnapshotSizes.OwnedRecordBits;
                }
            }
            else if (NeedsUpdate(in track, slot, frame, resendAfter) || track.WasOwned)
            {
                track.Priority += (ushort)(track.Priority < ushort.MaxValue ? 1 : 0);
                _urgency[_chosenCount] = track.WasOwned ? int.MinValue : -track.Priority;
                _formerCount += track.WasOwned ? 1 : 0; // a client that does not hear of it takes it for its own, and unchanged
                _chosen[_chosenCount++] = slot;
                bits += _recordBitsMax[slot];
            }
        }

        _isSorted = bits <= (budgetBytes - 200) * 8;
        if (!_isSorted)
        {
            Array.Sort(_urgency, _chosen, 0, _chosenCount);
        }

        int share = budgetBytes * 8 / 2;
        _ownedIsLimited = _chosenCount > 0 || stream.Events.Backlog + stream.BriefEvents.Backlog > 0;
        stream.OwnedCredit = Math.Min(stream.OwnedCredit + share, share);
        if (ownedBits > share)
        {
            Array.Sort(_ownedUrgency, _owned, 0, _ownedCount);
        }

        _ownedIsDone = false;
        _formerLeft = _formerCount;
        _ownedNext = _chosenNext = 0;
        _events.Begin(stream, frame.Tick);
    }

    /// <summary>True while <see cref="Write"/> has something left that was not tried yet.</summary>
    public bool HasMore => (_ownedNext < _ownedCount && !_ownedIsDone) || !_events.IsDone || _chosenNext < _chosenCount;

    /// <summary>Writes one datagram; returns its size.</summary>
    public int Write(Span<byte> destination, SnapshotStream stream, ref SnapshotHeader header)
    {
        SnapshotFrame frame = _history.Newest;
        int age = stream.HasAcked ? frame.Tick - stream.NewestAcked : 0;
        header.CommonBaselineAge = age is > 0 and < Limits.HistoryTicks ? age : 0;
        header.Sequence = stream.Sent.NextSequence;
        header.Tick = frame.Tick;
        header.IsSorted = _isSorted;
        long recordStart = stream.Sent.RecordPosition;
        var writer = new BitWriter(destination);
        header.Write(ref writer);
        bool all = _ownedNext == 0 && _formerLeft == _formerCount;
        WriteOwned(ref writer, stream, frame, header.CommonBaselineAge);
        writer.WriteBool(false);
        all &= _ownedNext == _ownedCount;
        int wholeBit = writer.BitCount;
        writer.WriteBool(false);
        int eventBits = _chosenNext < _chosenCount ? (writer.BitCount + writer.BitsLeft) / 2 : int.MaxValue; // half is kept for entities
        _events.Write(ref writer, stream, frame.Tick, eventBits);
        writer.WriteBool(false);
        WriteOthers(ref writer, stream, frame, header.CommonBaselineAge);
        writer.WriteBool(false);
        System.Diagnostics.Debug.Assert(!writer.Overflowed, "room for the end marks is kept");
        stream.Sent.Commit(frame.Tick, recordStart);
        WroteRecords = stream.Sent.RecordPosition != recordStart;
        int bytes = writer.Finish();
        if (all && _formerLeft == 0)
        {
            destination[wholeBit >> 3] |= (byte)(1 << (wholeBit & 7));
            stream.NoteOwnedWhole(frame.Tick);
        }

        return bytes;
    }

    /// <summary>False when the last datagram had room for none of what waits: another one as small would not either.</summary>
    public bool WroteRecords { get; private set; }

    /// <summary>Counts what the budget left over.</summary>
    public void Complete()
    {
        EntitiesDeferred += _chosenCount - _chosenNext;
        OwnedDeferred += _ownedCount - _ownedNext;
    }

    private bool OwnedNeedsUpdate(ref EntityTrack track, int slot, SnapshotFrame frame) =>
        track.HasSent || track.MayHaveNewer || !track.HasBaseline
        || frame.Tick - track.Baseline >= OwnedBaselineAgeMax
        || HasUntoldExternal(in track, in _world.Meta(slot))
        || !_history.TryGet(track.Baseline, out SnapshotFrame baseline)
        || baseline.Generations[slot] != track.Generation
        || !_history.Words(baseline, slot).SequenceEqual(_history.Words(frame, slot));

    // The rules have undone what a step did: the state is what it was, and still the client predicted another.
    private static bool HasUntoldExternal(in EntityTrack track, in World.EntityMeta meta) => meta.HasExternal && meta.ExternalTick > track.Baseline;

    // What was never told first: ends and beginnings. Then what was told longest ago.
    private static int OwnedUrgency(in EntityTrack track, Tick now)
    {
        bool isUntold = !track.HasSent && (track.State != TrackState.Visible || !track.HasBaseline);
        return isUntold ? -Limits.HistoryTicks - 1 : -(int)Math.Min((uint)(now - track.LastSent), Limits.HistoryTicks);
    }

    // What is the client's own is looked at in every tick.
    private static bool HasAll(in EntityTrack track, int slot, SnapshotFrame frame) =>
        track.State == TrackState.Visible && !track.IsOwned && track.HasBaseline && frame.ChangedAt[slot] <= track.Baseline;

    private static bool NeedsUpdate(in EntityTrack track, int slot, SnapshotFrame frame, int resendAfter)
    {
        bool inFlight = track.HasSent && frame.Tick - track.LastSent < resendAfter;
        return !inFlight || (track.State == TrackState.Visible && frame.ChangedAt[slot] > track.LastSent);
    }

    private void WriteOwned(ref BitWriter writer, SnapshotStream stream, SnapshotFrame frame, int commonAge)
    {
        for (; _ownedNext < _ownedCount && !_ownedIsDone; _ownedNext++)
        {
            int slot = _owned[_ownedNext];
            ref EntityTrack track = ref stream.Track(slot);
            BitWriter.Position mark = writer.Mark();
            int before = writer.BitCount;
            writer.WriteBool(true);
            writer.Write((uint)slot, 12);
            WriteOwnedRecord(ref writer, ref track, slot, frame, commonAge);
            if (!MayTake(ref writer, in mark, stream, writer.BitCount - before)
                || !TryKeep(ref writer, in mark, stream.Sent, new SentRecord((ushort)slot, track.Epoch, KindOf(in track))))
            {
                return;
            }

            track.HasSent = true;
            track.LastSent = frame.Tick;
            OwnedSent++;
        }
    }

    // While something else waits, own entities take half of what there is: the first record of a tick may overdraw that, and later ticks pay it back.
    private bool MayTake(ref BitWriter writer, in BitWriter.Position mark, SnapshotStream stream, int bits)
    {
        if (!_ownedIsLimited || writer.Overflowed || writer.BitsLeft < EndBits)
        {
            return true;
        }

        _ownedIsDone = stream.OwnedCredit <= 0 || (_ownedNext > 0 && bits > stream.OwnedCredit);
        if (_ownedIsDone)
        {
            writer.Rewind(in mark);
            return false;
        }

        stream.OwnedCredit -= bits;
        return true;
    }

    private void WriteOwnedRecord(ref BitWriter writer, ref EntityTrack track, int slot, SnapshotFrame frame, int commonAge)
    {
        if (TryWriteRemoval(ref writer, in track))
        {
            return;
        }

        KindSchema kind = _schema.KindOfSlot(slot);
        ref World.EntityMeta meta = ref _world.Meta(slot);
        int age = track.HasBaseline ? frame.Tick - track.Baseline : 0;
        bool delta = age is > 0 and < OwnedBaselineAgeMax && _history.TryGet(track.Baseline, out _);
        writer.Write((uint)(delta ? RecordOperation.Update : RecordOperation.Full), 2);
        if (delta)
        {
            WriteBaseline(ref writer, age, commonAge);
        }
        else
        {
            WriteIdentity(ref writer, in track, in meta, frame.Tick);
            writer.WriteBool(true);
            writer.Write(meta.SpawnOrdinal, 8);
        }

        int external = meta.HasExternal ? frame.Tick - meta.ExternalTick : int.MaxValue;
        writer.WriteBool(external <= SnapshotHeader.StarvedAgeMax);
        if (external <= SnapshotHeader.StarvedAgeMax)
        {
            writer.Write((uint)external, 7);
        }

        ReadOnlySpan<int> baseline = kind.Owned.ZeroRow;
        if (delta && _history.TryGet(track.Baseline, out SnapshotFrame from))
        {
            baseline = _history.Words(from, slot);
        }

        FieldCodec.Write(ref writer, kind.Owned.Columns, baseline, _history.Words(frame, slot));
    }

    internal static bool TryKeep(ref BitWriter writer, in BitWriter.Position mark, SentSnapshots sent, in SentRecord record)
    {
        if (!Fits(ref writer, in mark))
        {
            return false;
        }

        sent.Add(in record);
        return true;
    }

    // A record that leaves no room for what must still follow is taken back.
    private static bool Fits(ref BitWriter writer, in BitWriter.Position mark)
    {
        if (!writer.Overflowed && writer.BitsLeft >= EndBits)
        {
            return true;
        }

        writer.Rewind(in mark);
        return false;
    }
}
