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

    private readonly World _world;
    private readonly EntityTrack[] _tracks;
    private readonly int[] _tracked;
    private readonly int[] _candidates;
    private Tick _unknownUntil;
    private bool _hasUnknown;
    private ushort _round;

    public SnapshotStream(World world)
    {
        _world = world;
        _tracks = new EntityTrack[world.Schema.SlotCount];
        _tracked = new int[world.Schema.SlotCount];
        _candidates = new int[world.Schema.SlotCount];
    }

    public PlayerId Player { get; private set; }

    public bool IsSpectator { get; private set; }

    public SentSnapshots Sent { get; } = new();

    public EventStream Events { get; } = new();

    /// <summary>Tick of the newest acknowledged snapshot.</summary>
    public Tick NewestAcked { get; private set; }

    public bool HasAcked { get; private set; }

    /// <summary>Mean and mean deviation of the age of an acknowledged snapshot when its acknowledgement arrives, in ticks.</summary>
    public float AckAge { get; private set; }

    public float AckAgeDeviation { get; private set; }

    public long SnapshotsLost { get; private set; }

    public long SnapshotsAcked { get; private set; }

    /// <summary>Slots about which the client knows or is being told something.</summary>
    public ReadOnlySpan<int> Tracked => _tracked.AsSpan(0, TrackedCount);

    private int TrackedCount { get; set; }

    public ref EntityTrack Track(int slot) => ref _tracks[slot];

    public void Start(PlayerId player, bool isSpectator, ushort firstSequence)
    {
        Player = player;
        IsSpectator = isSpectator;
        _tracks.AsSpan().Clear();
        TrackedCount = 0;
        Sent.Clear(firstSequence);
        Events.Clear();
        HasAcked = _hasUnknown = false;
        NewestAcked = default;
        AckAge = AckAgeDeviation = 0;
        SnapshotsAcked = SnapshotsLost = 0;
    }

    /// <summary>Reads what the next tick will, and changes nothing.</summary>
    public int Touch()
    {
        int sum = Sent.Touch();
        foreach (int slot in Tracked)
        {
            sum += _tracks[slot].Epoch;
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
                HasAcked = true;
                NewestAcked = tick;
            }
        }

        if (Sent.HasGap)
        {
            Sent.HasGap = false;
            _hasUnknown = true;
            _unknownUntil = now + 1;
        }

        return true;
    }

    /// <summary>False where the client may have had states that it could not acknowledge: what it drew there is not known for sure.</summary>
    public bool IsKnownAt(Tick viewTick) => !_hasUnknown || viewTick > _unknownUntil;

    /// <summary>Brings what the client may see up to date: entities enter, leave, die, change owner.</summary>
    public void UpdateInterest(InterestGrid grid, Tick now)
    {
        bool everything = !grid.IsBounded || IsSpectator;
        bool hasPoint = _world.Players.TryGetViewPoint(Player, _world, out Vector3 point);
        int count = everything ? grid.QueryAll(_candidates) : grid.Query(point, _candidates);
        _round++;
        float enter = _world.Schema.InterestEnter;
        float leave = _world.Schema.InterestLeave;
        for (int i = 0; i < count; i++)
        {
            int slot = _candidates[i];
            bool owned = _world.Meta(slot).Owner == Player && !Player.IsNone;
            bool near = everything || owned || _world.Schema.KindOfSlot(slot).PositionOffset < 0
                || (hasPoint && IsWithin(grid.PositionOf(slot), point, Limit(slot, enter, leave)));
            if (near)
            {
                Show(slot, owned);
            }
        }

        if (!everything)
        {
            foreach (int slot in _world.OwnedSlots(Player))
            {
                Show(slot, owned: true);
            }
        }

        RemoveTheRest(now);
    }

    private static bool IsWithin(Vector3 a, Vector3 b, float distance)
    {
        float x = a.X - b.X;
        float y = a.Y - b.Y;
        float z = a.Z - b.Z;
        return (x * x) + (y * y) + (z * z) <= distance * distance;
    }

    private float Limit(int slot, float enter, float leave)
    {
        ref EntityTrack track = ref _tracks[slot];
        return track.State == TrackState.Visible && track.Generation == _world.Meta(slot).Generation ? leave : enter;
    }

    private void Show(int slot, bool owned)
    {
        ref EntityTrack track = ref _tracks[slot];
        ushort generation = _world.Meta(slot).Generation;
        if (track.State == TrackState.Visible && track.Generation == generation && track.IsOwned == owned)
        {
            track.RelevantRound = _round;
            return;
        }

        if (track.State == TrackState.Unknown && !track.RemovalAcked)
        {
            _tracked[TrackedCount++] = slot;
        }

        track = new EntityTrack
        {
            State = TrackState.Visible,
            Generation = generation,
            Epoch = (byte)((track.Epoch + 1) & 15),
            RelevantRound = _round,
            IsOwned = owned,
            Priority = 1,
        };
    }

    private void RemoveTheRest(Tick now)
    {
        for (int i = 0; i < TrackedCount; i++)
        {
            int slot = _tracked[i];
            ref EntityTrack track = ref _tracks[slot];
            if (track.State == TrackState.Visible && track.RelevantRound != _round)
            {
                bool alive = _world.Meta(slot).IsAlive && _world.Meta(slot).Generation == track.Generation;
                if (!track.HasBaseline && !track.HasSent)
                {
                    byte epoch = track.Epoch;
                    track = default; // the client has never heard of it
                    track.Epoch = epoch;
                    _tracked[i--] = _tracked[--TrackedCount];
                    continue;
                }

                track.State = alive ? TrackState.Hiding : TrackState.Despawning;
                track.HasSent = false;
            }
            else if (track.State == TrackState.Unknown && now - track.RemovalTick > RemovedTicksMax)
            {
                track.RemovalAcked = false;
                track.HasBaseline = false;
                _tracked[i--] = _tracked[--TrackedCount];
            }
        }
    }

    private void Settle(ReadOnlySpan<SentRecord> records, Tick tick, bool arrived)
    {
        foreach (ref readonly SentRecord record in records)
        {
            if (record.Kind == SentKind.Event)
            {
                Events.Settle(record.Index, tick, arrived);
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
