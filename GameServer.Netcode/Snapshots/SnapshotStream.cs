using System.Numerics;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

/// <summary>Replication of a world to one client: what he may see, what he has, what was sent.</summary>
/// <remarks>Owner: simulation thread. Allocates: only at start.</remarks>
internal sealed class SnapshotStream
{
    /// <summary>Ticks that a removed entity stays known for rewinds.</summary>
    private const int RemovedTicksMax = 64;

    private readonly World _ownWorld;
    private World _world;
    private readonly EntityTrack[] _tracks;
    private readonly SlotSet _visible;
    private readonly SlotSet _near;
    private Tick _unknownUntil;
    private bool _hasUnknown;
    private Tick _ownedWholeAt;
    private bool _hasOwnedWhole;

    public SnapshotStream(World world)
    {
        _ownWorld = _world = world;
        _tracks = new EntityTrack[world.Schema.SlotCount];
        _visible = new SlotSet(world.Schema.SlotCount);
        _near = new SlotSet(world.Schema.SlotCount);
        Tracked = new SlotSet(world.Schema.SlotCount);
        Pending = new SlotSet(world.Schema.SlotCount);
        Events = new EventStream(isReliable: true, world.Counters);
        BriefEvents = new EventStream(isReliable: false, world.Counters);
    }

    public PlayerId Player { get; private set; }

    public bool IsSpectator { get; private set; }

    public SentSnapshots Sent { get; } = new();

    /// <summary>Events that are told until they have arrived.</summary>
    public EventStream Events { get; }

    /// <summary>Events with a life, and verdicts.</summary>
    public EventStream BriefEvents { get; }

    /// <summary>Tick of the newest acknowledged snapshot.</summary>
    public Tick NewestAcked { get; private set; }

    public bool HasAcked { get; private set; }

    /// <summary>Mean and mean deviation of the age of an acknowledged snapshot when its acknowledgement arrives, in ticks.</summary>
    public float AckAge { get; private set; }

    public float AckAgeDeviation { get; private set; }

    /// <summary>The smallest such age so far.</summary>
    public float AckAgeMin { get; private set; }

    public long SnapshotsLost { get; private set; }

    public long SnapshotsAcked { get; private set; }

    /// <summary>What the client's own entities may still take of the budget while something else waits, in bits; half of a tick's at most, below 0 after a large record.</summary>
    public int OwnedCredit { get; set; }

    /// <summary>Slots about which the client knows or is being told something.</summary>
    public SlotSet Tracked { get; }

    /// <summary>Those of which the client may have to be told something; whoever finds that it has all takes them out.</summary>
    public SlotSet Pending { get; }

    public ref EntityTrack Track(int slot) => ref _tracks[slot];

    /// <summary>Replicates another world of the same schema, until the next start.</summary>
    public void Watch(World world) => _world = world;

    public void Start(PlayerId player, bool isSpectator, ushort firstSequence, ushort firstEvent = 0)
    {
        _world = _ownWorld;
        Player = player;
        IsSpectator = isSpectator;
        _tracks.AsSpan().Clear();
        _visible.Clear();
        Tracked.Clear();
        Pending.Clear();
        Sent.Clear(firstSequence);
        Events.Clear(firstEvent);
        BriefEvents.Clear(firstEvent);
        HasAcked = _hasUnknown = _hasOwnedWhole = false;
        OwnedCredit = 0;
        NewestAcked = default;
        AckAge = AckAgeDeviation = 0;
        SnapshotsAcked = SnapshotsLost = 0;
    }

    /// <summary>A snapshot told all there was to tell of the client's own entities.</summary>
    public void NoteOwnedWhole(Tick tick)
    {
        _hasOwnedWhole = true;
        _ownedWholeAt = tick;
    }

    /// <summary>True when that was longer ago than <paramref name="ticks"/>, or never.</summary>
    public bool IsOwnedShort(Tick now, int ticks) => !_hasOwnedWhole || now - _ownedWholeAt > ticks;

    /// <summary>Reads what the next tick will, and changes nothing.</summary>
    public int Touch(SnapshotHistory history)
    {
        int sum = Sent.Touch() + Events.Touch() + BriefEvents.Touch();
        foreach (int slot in Tracked)
        {
            ref EntityTrack track = ref _tracks[slot];
            if (track.HasBaseline)
            {
                // By then the client will have acknowledged one more.
                sum += history.Touch(track.Baseline, slot) + history.Touch(track.Baseline + 1, slot);
            }
        }

        for (int i = 0; i < Pending.Words.Length; i += 8)
        {
            sum += (int)(Pending.Words[i] + _visible.Words[i] + _near.Words[i]);
        }

        return sum;
    }

    /// <summary>Settles every snapshot up to the newest acknowledged one; false when that was never sent.</summary>
    public bool Acknowledge(ushort newest, uint bits, Tick now)
    {
        if (!Sent.WasSent(newest))
        {
            return false;
        }

        while (Sent.TrySettle(newest, bits, out bool arrived, out Tick tick, out ReadOnlySpan<SentRecord> records, out ReadOnlySpan<SentRecord> more))
        {
            Settle(records, tick, arrived);
            Settle(more, tick, arrived);
            SnapshotsAcked += arrived ? 1 : 0;
            SnapshotsLost += arrived ? 0 : 1;
            if (arrived)
            {
                float age = now - tick;
                AckAge = HasAcked ? AckAge + ((age - AckAge) / 16) : age;
                AckAgeDeviation = HasAcked ? AckAgeDeviation + ((Math.Abs(age - AckAge) - AckAgeDeviation) / 16) : age / 2;
                AckAgeMin = HasAcked ? Math.Min(AckAgeMin, age) : age;
                HasAcked = true;
                NewestAcked = tick;
            }
        }

        if (Sent.HasGap)
        {
            Sent.HasGap = false;
            _hasUnknown = true;
            _unknownUntil = now + 1;
            foreach (int slot in Tracked)
            {
                _tracks[slot].MayHaveNewer = true;
            }
        }

        return true;
    }

    /// <summary>False where the client may have had states that it could not acknowledge: what it drew there is not known for sure.</summary>
    public bool IsKnownAt(Tick viewTick) => !_hasUnknown || viewTick > _unknownUntil;

    /// <summary>Brings what the client may see up to date: entities enter, leave, die, change owner.</summary>
    /// <param name="grid">Where everything is.</param>
    /// <param name="changed">Slots that this tick changed.</param>
    /// <param name="now">This tick.</param>
    public void UpdateInterest(InterestGrid grid, SlotSet changed, Tick now)
    {
        FindNear(grid);
        Span<ulong> pending = Pending.Words;
        ReadOnlySpan<ulong> tracked = Tracked.Words;
        for (int i = 0; i < pending.Length; i++)
        {
            ulong near = _near.Words[i];
            if ((near | tracked[i]) == 0)
            {
                continue;
            }

            ulong visible = _visible.Words[i];
            for (ulong rest = near & (~visible | _world.OwnerChanged.Words[i]); rest != 0; rest &= rest - 1)
            {
                Show((i << 6) + BitMath.TrailingZeroCount(rest));
            }

            for (ulong rest = visible & ~near; rest != 0; rest &= rest - 1)
            {
                Hide((i << 6) + BitMath.TrailingZeroCount(rest));
            }

            for (ulong rest = tracked[i] & ~_visible.Words[i]; rest != 0; rest &= rest - 1)
            {
                ForgetInTime((i << 6) + BitMath.TrailingZeroCount(rest), now);
            }

            pending[i] |= changed.Words[i] & _visible.Words[i];
        }
    }

    private void FindNear(InterestGrid grid)
    {
        _near.Clear();
        if (!grid.IsBounded || IsSpectator)
        {
            grid.QueryAll(_near);
            return;
        }

        if (_world.Players.TryGetViewPoint(Player, _world, out Vector3 point))
        {
            grid.Query(point, _visible, _near);
        }
        else
        {
            grid.QueryPlaceless(_near);
        }

        foreach (int slot in _world.OwnedSlots(Player))
        {
            _near.Add(slot);
        }
    }

    private void Show(int slot)
    {
        ref EntityTrack track = ref _tracks[slot];
        ref World.EntityMeta meta = ref _world.Meta(slot);
        bool owned = meta.Owner == Player && !Player.IsNone;
        // A slot rests before it is used again, so what is visible is still the same entity.
        System.Diagnostics.Debug.Assert(track.State != TrackState.Visible || track.Generation == meta.Generation, "another entity");
        if (track.State == TrackState.Visible && track.IsOwned == owned)
        {
            return;
        }

        bool known = MayBeKnown(in track);
        track = new EntityTrack
        {
            State = TrackState.Visible,
            WasKnown = known,
            WasOwned = known && (track.IsOwned || track.WasOwned),
            Generation = meta.Generation,
            Epoch = (byte)(track.Epoch + 1), // once a tick at most, and fewer than 256 snapshots are unsettled
            IsOwned = owned,
        };
        _visible.Add(slot);
        Tracked.Add(slot);
        Pending.Add(slot);
    }

    private static bool MayBeKnown(in EntityTrack track) => track.State switch
    {
        TrackState.Unknown => false,
        TrackState.Visible => track.HasBaseline || track.HasSent || track.MayHaveNewer || track.WasKnown,
        _ => true,
    };

    private void Hide(int slot)
    {
        ref EntityTrack track = ref _tracks[slot];
        _visible.Remove(slot);
        if (!MayBeKnown(in track))
        {
            byte epoch = track.Epoch;
            track = default; // the client has never heard of it
            track.Epoch = epoch;
            Tracked.Remove(slot);
            Pending.Remove(slot);
            return;
        }

        bool alive = _world.Meta(slot).IsAlive && _world.Meta(slot).Generation == track.Generation;
        track.State = alive ? TrackState.Hiding : TrackState.Despawning;
        track.HasSent = false;
        Pending.Add(slot);
    }

    private void ForgetInTime(int slot, Tick now)
    {
        ref EntityTrack track = ref _tracks[slot];
        if (track.State == TrackState.Unknown && now - track.RemovalTick > RemovedTicksMax)
        {
            track.RemovalAcked = false;
            track.HasBaseline = false;
            Tracked.Remove(slot);
        }
    }

    private void Settle(ReadOnlySpan<SentRecord> records, Tick tick, bool arrived)
    {
        foreach (ref readonly SentRecord record in records)
        {
            if (record.Kind is SentKind.Event or SentKind.BriefEvent)
            {
                (record.Kind == SentKind.Event ? Events : BriefEvents).Settle(record.Index, tick, arrived);
                continue;
            }

            ref EntityTrack track = ref _tracks[record.Index];
            if (track.Epoch != record.Epoch || track.State == TrackState.Unknown)
            {
                continue;
            }

            bool removing = track.State != TrackState.Visible;
            if (removing == (record.Kind == SentKind.Removal))
            {
                SettleLast(ref track, tick);
            }

            if (!arrived)
            {
                continue;
            }

            if (record.Kind == SentKind.State)
            {
                track.Acknowledge(tick);
            }
            else if (removing)
            {
                track.State = TrackState.Unknown;
                track.RemovalAcked = true;
                track.RemovalTick = tick;
            }
        }
    }

    private static void SettleLast(ref EntityTrack track, Tick tick)
    {
        if (track.HasSent && track.LastSent == tick)
        {
            track.HasSent = false;
        }
    }
}
