using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Rewind;
using GameServer.Netcode.Snapshots;

namespace GameServer.Netcode.Server;

/// <summary>Where a session is in its life.</summary>
internal enum SessionState
{
    Free = 0,
    Joined = 1,
}

/// <summary>One client of a room: its inputs, what it has of the world, what waits for it.</summary>
/// <remarks>Owner: simulation thread. Made at start and used again. Allocates: at joins only.</remarks>
internal sealed class Session
{
    private readonly int[] _inputRow;
    private ChatAllowance _chat;
    private bool _isLateTold;

    public Session(int seat, World world, RoomOptions options)
    {
        Seat = seat;
        Inputs = new InputBuffer(world.Schema.Input, world.Schema.InputBytes);
        Stream = new SnapshotStream(world);
        Policy = new ViewPolicy(options.TickRateHz);
        Acks = new AckWatch(options.TickRateHz, options.IdleTimeoutMillis);
        _inputRow = new int[world.Schema.Input.Count];
    }

    public int Seat { get; }

    public PlayerId Player => new(Seat);

    public SessionState State { get; private set; }

    public bool IsSpectator { get; private set; }

    /// <summary>Ticks by which it sees the match late; 0: live.</summary>
    public int DelayTicks { get; private set; }

    public string Name { get; private set; } = string.Empty;

    public byte NetworkThread { get; private set; }

    public ushort Slot { get; private set; }

    public ushort Generation { get; private set; }

    public Transport.PeerAddress Address { get; private set; }

    /// <summary>Tick at which the player last gave another input than before.</summary>
    public Tick InputChangedAt { get; private set; }

    /// <summary>The time of the transport's connection, which only its two sides know; 0 when the record had none.</summary>
    public long ConnectionTime { get; set; }

    public InputBuffer Inputs { get; }

    public SnapshotStream Stream { get; }

    public ViewPolicy Policy { get; }

    public AckWatch Acks { get; }

    /// <summary>Round trip as the transport measures it, in ticks; 0: not yet.</summary>
    public float RoundTripTicks { get; private set; }

    /// <summary>Mean deviation of the round trip, in ticks.</summary>
    public float RoundTripDeviation { get; private set; }

    /// <summary>How far back hit tests for this client look, in 1/256 ticks.</summary>
    public int CapParts(in RewindCap cap) => cap.PartsFor(RoundTripTicks, RewindCap.DelayOf(MarginMean, Deviation));

    // What acknowledgements say, as far as pings bear it out: who acknowledges at random has not got a worse link.
    private float Deviation => RoundTripTicks > 0 ? Math.Min(Stream.AckAgeDeviation, 0.125f + RoundTripDeviation) : Stream.AckAgeDeviation;

    public ReliableBacklog Backlog { get; } = new();

    /// <summary>What the player may still say.</summary>
    public ref ChatAllowance Chat => ref _chat;

    /// <summary>The last report of the client.</summary>
    public ReportMessage Report { get; set; }

    /// <summary>Set when the session has to end after the tick at hand.</summary>
    public LeaveReason? EndsBy { get; set; }

    public int RecordsThisTick { get; set; }

    /// <summary>What a margin counts at most in the mean, in 1/16 ticks: 64 ticks.</summary>
    private const int MeanPartsMax = 1024;

    /// <summary>Most bytes of a snapshot payload on any path: a datagram less the transport's byte.</summary>
    public const int PathBytesMax = Limits.SnapshotDatagramBytesMax - 1;

    /// <summary>Largest snapshot payload that the path to the client carries, in bytes.</summary>
    public int PathBytes { get; set; }

    public bool HasInputs { get; set; }

    public Tick MarginTick { get; private set; }

    /// <summary>Smallest margin of a new input since the snapshot before, in 1/16 ticks.</summary>
    public int MarginParts { get; private set; }

    /// <summary>Mean margin, in ticks.</summary>
    public float MarginMean { get; private set; }

    private bool MarginTold { get; set; } = true;

    public bool IsOf(in Transport.RecordHeader header) =>
        State != SessionState.Free && NetworkThread == header.NetworkThread && Slot == header.Slot && Generation == header.Generation;

    /// <summary>Gives the seat to a connection.</summary>
    public void Take(in WaitingPeer peer, Tick now)
    {
        State = SessionState.Joined;
        NetworkThread = peer.Header.NetworkThread;
        Slot = peer.Header.Slot;
        Generation = peer.Header.Generation;
        Address = peer.Address;
        ConnectionTime = peer.ConnectionTime;
        InputChangedAt = now;
        _inputRow.AsSpan().Clear();
        RoundTripTicks = RoundTripDeviation = 0;
        PathBytes = PathBytesMax;
        Backlog.Clear();
    }

    /// <summary>Takes note of an input, to know who is still there.</summary>
    public void NoteInput(Tick now, ReadOnlySpan<int> row)
    {
        if (!row.SequenceEqual(_inputRow))
        {
            row.CopyTo(_inputRow);
            InputChangedAt = now;
        }
    }

    public void Join(string name, bool spectator, ushort firstSnapshot, ushort firstEvent)
    {
        Name = name;
        IsSpectator = spectator;
        Inputs.Clear();
        Policy.Reset();
        Acks.Start();
        Stream.Start(Player, spectator, firstSnapshot, firstEvent);
        Report = default;
        HasInputs = false;
        MarginTold = true;
        MarginMean = 2;
        DelayTicks = 0;
        _isLateTold = false;
    }

    /// <summary>Once in a session: true when for so many ticks each of its inputs came too late.</summary>
    public bool BeginsToBeLate(int ticks)
    {
        bool begins = !_isLateTold && Inputs.IsAlwaysLate(ticks);
        _isLateTold |= begins;
        return begins;
    }

    /// <summary>Sees the match late from here on.</summary>
    public void Watch(DelayedMatch match)
    {
        DelayTicks = match.Ticks;
        Stream.Watch(match.Source.World);
    }

    public void End()
    {
        State = SessionState.Free;
        EndsBy = null;
        Name = string.Empty;
        Backlog.Clear();
    }

    /// <summary>Reads what the next tick will, and changes nothing.</summary>
    public int Touch(Tick next, SnapshotHistory history) =>
        Inputs.Touch(next) + Inputs.Touch(next + 1) + Stream.Touch(history) + (int)Policy.Accepted + MarginParts + Slot + RecordsThisTick;

    /// <summary>A tick is over: whether it brings the client a snapshot. One that acknowledges nothing gets few, and is ended in time.</summary>
    /// <param name="isCarried">Its network thread takes what is sent; of ticks in which it does not, a client can know nothing.</param>
    public bool IsDueSnapshot(bool isCarried)
    {
        if (isCarried)
        {
            Acks.TickDone(Stream.SnapshotsAcked, RecordsThisTick > 0);
        }

        EndsBy = Acks.IsOver ? LeaveReason.Unacknowledged : EndsBy;
        return !Acks.IsOver && (!Acks.IsSlow || Acks.QuietTicks % Acks.SlowPeriodTicks == 0);
    }

    /// <summary>Takes note of the round trip that came with a record.</summary>
    public void NoteRoundTrip(in Transport.RecordHeader header, float periodMicros)
    {
        if (header.RoundTrip > 0 && header.Kind is Transport.RecordKind.Reliable or Transport.RecordKind.Unreliable)
        {
            RoundTripTicks = header.RoundTrip * Transport.RecordHeader.RoundTripUnitMicros / periodMicros;
            RoundTripDeviation = header.Detail * Transport.RecordHeader.DeviationUnitMicros / periodMicros;
        }
    }

    /// <summary>Takes note of how early an input arrived; the smallest since the last snapshot is told.</summary>
    public void NoteMargin(Tick tick, int parts)
    {
        MarginMean += ((Math.Clamp(parts, -MeanPartsMax, MeanPartsMax) / 16f) - MarginMean) / 32;
        if (MarginTold || parts < MarginParts)
        {
            MarginTold = false;
            MarginTick = tick;
            MarginParts = parts;
        }
    }

    /// <summary>Fills in what a snapshot tells of the client's inputs.</summary>
    public void Describe(ref SnapshotHeader header, Tick executed)
    {
        header.HasInputs = HasInputs;
        header.InputAck = Inputs.ContiguousUpTo(executed);
        header.MarginTick = MarginTick;
        header.MarginParts = MarginParts;
        header.StarvedAge = Inputs.HasStarved ? executed - Inputs.LastStarved : -1;
        MarginTold = true;
    }
}
