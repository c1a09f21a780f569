using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

/// <summary>The client's half of <see cref="SnapshotWriter"/>: checks a snapshot as a whole, then applies it.</summary>
/// <remarks>
/// A snapshot is taken only if it is newer than the one before and every baseline that it names is held; else nothing of it is used and it is
/// not acknowledged. So a lost, late or damaged one delays what was in it, and never leads to a wrong state.
/// Owner: the client's thread. Allocates: only when the client owns an entity in a slot for the first time.
/// </remarks>
internal sealed class SnapshotReader
{
    private readonly Schema _schema;
    private readonly EntityReplica[] _replicas;
    private readonly int[] _scratch = new int[Limits.FieldsMax];
    private readonly ISnapshotSink _sink;
    private readonly DropCounters _drops;
    private readonly TickRing<bool> _starved = new(Limits.HistoryTicks);
    private AckBits _received;
    private bool _hasReceived;
    private DropReason _refusal;

    public SnapshotReader(Schema schema, ISnapshotSink sink, DropCounters drops, ushort firstEventSequence = 0)
    {
        Events = new EventWindow(firstEventSequence);
        _schema = schema;
        _sink = sink;
        _drops = drops;
        _replicas = new EntityReplica[schema.SlotCount];
        var rings = new SampleRingPool(schema);
        for (int slot = 0; slot < _replicas.Length; slot++)
        {
            _replicas[slot] = new EntityReplica(schema.KindOfSlot(slot), slot, rings);
        }
    }

    public ReadOnlyMemory<EntityReplica> Replicas => _replicas;

    /// <summary>Header of the newest snapshot.</summary>
    public SnapshotHeader Newest { get; private set; }

    public bool HasNewest => _hasReceived;

    /// <summary>Header of the newest snapshot that told all there was to tell of the client's own entities.</summary>
    public SnapshotHeader NewestOwned { get; private set; }

    public bool HasNewestOwned { get; private set; }

    public ushort AckSequence => _received.Newest;

    /// <summary>Bit n: the snapshot <see cref="AckSequence"/> − 1 − n was taken.</summary>
    public uint AckHistory => (uint)(_received.Bits >> 1);

    public long Received { get; private set; }

    public long Lost { get; private set; }

    /// <summary>Reliable events: none of them may be missing.</summary>
    public EventWindow Events { get; }

    /// <summary>Events with a life, and verdicts.</summary>
    public EventWindow BriefEvents { get; } = new();

    public long BaselineMisses => _drops[DropReason.SnapshotBaselineMissing];

    /// <summary>True when the server said that it made up an input after one tick and not after another.</summary>
    public bool HasStarved(Tick after, Tick upTo)
    {
        Tick oldest = upTo - Limits.HistoryTicks;
        for (Tick tick = upTo; tick > after && tick > oldest; tick -= 1)
        {
            if (_starved.Contains(tick))
            {
                return true;
            }
        }

        return false;
    }

    public bool TryRead(ReadOnlySpan<byte> payload)
    {
        var reader = new BitReader(payload);
        if (!SnapshotHeader.TryRead(ref reader, out SnapshotHeader header))
        {
            return Drop(DropReason.SnapshotMalformed);
        }

        if (_hasReceived && !SequenceMath.IsNewer(header.Sequence, _received.Newest))
        {
            return Drop(header.Sequence == _received.Newest || _received.Contains(header.Sequence) ? DropReason.SnapshotDuplicate : DropReason.SnapshotOld);
        }

        if (_hasReceived && header.Tick < Newest.Tick)
        {
            return Drop(DropReason.SnapshotMalformed);
        }

        BitReader check = reader;
        if (!Walk(ref check, in header, apply: false))
        {
            return Drop(_refusal);
        }

        Walk(ref reader, in header, apply: true);
        Take(in header);
        return true;
    }

    private bool Drop(DropReason reason)
    {
        _drops.Add(reason);
        return false;
    }

    private void Take(in SnapshotHeader header)
    {
        if (_hasReceived)
        {
            Lost += SequenceMath.Distance(header.Sequence, _received.Newest) - 1;
        }

        if (header.StarvedAge >= 0)
        {
            _starved.Add(header.Tick - header.StarvedAge);
        }

        _received.Receive(header.Sequence);
        _hasReceived = true;
        Newest = header;
        Received++;
    }

    private bool Walk(ref BitReader reader, in SnapshotHeader header, bool apply)
    {
        _refusal = DropReason.SnapshotMalformed;
        while (reader.ReadBool())
        {
            if (!ReadRecord(ref reader, (int)reader.Read(12), in header, own: true, apply))
            {
                return false;
            }
        }

        if (reader.ReadBool() && apply)
        {
            NewestOwned = header;
            HasNewestOwned = true;
        }

        while (reader.ReadBool())
        {
            if (!ReadEvent(ref reader, header.Tick, apply))
            {
                return false;
            }
        }

        int slot = -1;
        while (reader.ReadBool())
        {
            slot = header.IsSorted ? slot + 1 + (int)Math.Min(reader.ReadVariable(), Limits.EntitiesMax) : (int)reader.Read(12);
            if (!ReadRecord(ref reader, slot, in header, own: false, apply))
            {
                return false;
            }
        }

        return !reader.Failed && reader.BitsLeft < 8;
    }

    private bool ReadRecord(ref BitReader reader, int slot, in SnapshotHeader header, bool own, bool apply)
    {
        if (slot >= _replicas.Length || reader.Failed)
        {
            return false;
        }

        EntityReplica replica = _replicas[slot];
        var operation = (RecordOperation)reader.Read(2);
        switch (operation)
        {
            case RecordOperation.Full:
                return ReadFull(ref reader, replica, in header, own, apply);
            case RecordOperation.Update:
                return ReadUpdate(ref reader, replica, in header, own, apply);
            default:
                if (apply && replica.IsKnown)
                {
                    replica.Remove(header.Tick);
                    _sink.OnRemove(replica);
                }

                return !reader.Failed;
        }
    }

    private bool ReadFull(ref BitReader reader, EntityReplica replica, in SnapshotHeader header, bool own, bool apply)
    {
        var generation = (ushort)reader.Read(16);
        var epoch = (byte)reader.Read(8);
        uint spawnAge = reader.ReadVariable();
        bool owned = reader.ReadBool();
        byte ordinal = owned ? (byte)reader.Read(8) : (byte)0;
        if (reader.Failed || owned != own || generation == 0 || (!own && spawnAge > SnapshotSizes.SpawnAgeMax))
        {
            return false;
        }

        if (apply)
        {
            bool isNew = !replica.IsKnown || replica.Generation != generation || replica.Epoch != epoch || replica.IsOwned != own;
            replica.Begin(generation, epoch, own, header.Tick - (int)spawnAge, ordinal);
            if (isNew)
            {
                _sink.OnBegin(replica);
            }
        }

        FieldTable table = own ? replica.Kind.Owned : replica.Kind.Seen;
        return ReadState(ref reader, replica, in header, table, table.ZeroRow, own, apply);
    }

    private bool ReadUpdate(ref BitReader reader, EntityReplica replica, in SnapshotHeader header, bool own, bool apply)
    {
        bool common = reader.ReadBool();
        int age = common ? header.CommonBaselineAge : reader.ReadBool() ? (int)reader.Read(7) : 0;
        if (!replica.IsKnown || replica.IsOwned != own)
        {
            return Refuse(DropReason.SnapshotEntityUnknown);
        }

        SampleRing? ring = own ? replica.Owned : replica.Seen;
        if (ring is null || ring.Count == 0 || (common && age == 0))
        {
            return Refuse(DropReason.SnapshotBaselineMissing);
        }

        ReadOnlySpan<int> baseline = ring.NewestRow;
        if (age != 0 && !ring.TryGet(header.Tick - age, out baseline))
        {
            return Refuse(DropReason.SnapshotBaselineMissing);
        }

        return ReadState(ref reader, replica, in header, own ? replica.Kind.Owned : replica.Kind.Seen, baseline, own, apply);
    }

    private bool ReadState(ref BitReader reader, EntityReplica replica, in SnapshotHeader header, FieldTable table, ReadOnlySpan<int> baseline, bool own, bool apply)
    {
        var span = new SampleSpan(header.Tick, header.Tick, header.Tick - 1);
        if (own)
        {
            bool external = reader.ReadBool();
            int age = external ? (int)reader.Read(7) : 0;
            if (external && apply)
            {
                replica.HasExternal = true;
                replica.ExternalTick = header.Tick - age;
            }
        }
        else if (!reader.ReadBool())
        {
            int since = (int)reader.Read(7);
            int held = (int)reader.Read(7);
            if (held == 0)
            {
                return false;
            }

            span = new SampleSpan(header.Tick, header.Tick - since, header.Tick - since - held);
        }

        // Against a copy: the new row may take the place of its baseline in the ring.
        Span<int> row = _scratch.AsSpan(0, table.Count);
        FieldCodec.Read(ref reader, table.Columns, baseline, row);
        if (reader.Failed || !table.IsValid(row))
        {
            return false;
        }

        if (apply)
        {
            SampleRing ring = own ? replica.Owned! : replica.Seen;
            row.CopyTo(ring.Append(in span));
        }

        return true;
    }

    private bool ReadEvent(ref BitReader reader, Tick now, bool apply)
    {
        var sequence = (ushort)reader.Read(16);
        EventWindow window = reader.ReadBool() ? Events : BriefEvents;
        bool ownKey = reader.ReadBool();
        Tick tick = now - (int)Math.Min(reader.ReadVariable(), int.MaxValue);
        var ordinal = (byte)reader.Read(8);
        if (reader.ReadBool())
        {
            uint target = reader.Read(32);
            var reason = (VerdictReason)reader.Read(3);
            if (apply && window.TryTake(sequence))
            {
                _sink.OnVerdict(new ShotVerdict(tick, ordinal, new EntityId((int)(target & 0xFFFF), (int)(target >> 16)), reason));
            }

            return !reader.Failed;
        }

        int index = (int)reader.Read(5);
        if (index >= _schema.Events.Length)
        {
            return false;
        }

        FieldTable fields = _schema.Events[index].Fields;
        Span<int> row = _scratch.AsSpan(0, fields.Count);
        FieldCodec.Read(ref reader, fields.Columns, fields.ZeroRow, row);
        if (reader.Failed || !fields.IsValid(row))
        {
            return false;
        }

        if (apply && window.TryTake(sequence))
        {
            _sink.OnEvent(index, sequence, tick, ordinal, ownKey, row);
        }

        return true;
    }

    private bool Refuse(DropReason reason)
    {
        _refusal = reason;
        return false;
    }
}
