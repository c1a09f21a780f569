using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Server;
using GameServer.Operations;

namespace GameServer.Hosting;

/// <summary>Counts what happens in the room, for metrics and for the figures of the run, and numbers the players.</summary>
/// <remarks>Owner: simulation thread. Allocates: no.</remarks>
public sealed class RoomTelemetry : RoomObserver
{
    private static readonly string[] Reasons = [.. Enum.GetNames<LeaveReason>().Select(SnakeCase.Of)];

    private readonly SimulationTelemetry _simulation;
    private readonly EventQueue _events;
    private readonly double _tickMicros;
    private readonly Seat[] _seats;
    private PhaseMicros _phases;
    private int _playersEver;
    private readonly InputWaits _waits;
    private long _recordAgeMicros;
    private long _nowMicros;

    /// <summary>Counts into <paramref name="telemetry"/>.</summary>
    /// <param name="telemetry">The server's.</param>
    /// <param name="seats">Seats of the room, watchers included.</param>
    /// <param name="tickRateHz">Ticks a second.</param>
    public RoomTelemetry(ServerTelemetry telemetry, int seats, int tickRateHz)
    {
        _simulation = telemetry.Simulation;
        _events = telemetry.Events;
        _tickMicros = 1e6 / tickRateHz;
        _seats = new Seat[seats];
        _waits = new InputWaits(seats, _tickMicros);
        telemetry.Refusals =
        [
            (int)LeaveReason.WrongProtocol, (int)LeaveReason.WrongGame, (int)LeaveReason.WrongVersion, (int)LeaveReason.WrongSchema, (int)LeaveReason.WrongName,
            (int)LeaveReason.Protocol, (int)LeaveReason.Draining, (int)LeaveReason.Full, (int)LeaveReason.AddressFull, (int)LeaveReason.NoSpectators,
            (int)LeaveReason.JoinTimeout,
        ];
        telemetry.RefusalName = static code => NameOf((LeaveReason)code);
    }

    private struct Seat
    {
        public int Number;
        public long JoinedMicros;
        public bool IsSpectator;
        public string Name;
        public int LossPermille;
        public int RoundTripMillis;
    }

    /// <summary>The figures of the run.</summary>
    public RunFigures Figures { get; } = new();

    /// <summary>Joins and leaves since the start; a tick in which it changes may allocate.</summary>
    public long Comings { get; private set; }

    /// <summary>Leaves of players since the start.</summary>
    public long PlayersLeft { get; private set; }

    /// <summary>Sessions that were ended because more waited for their client than may.</summary>
    public long Overflows { get; private set; }

    /// <summary>Clients that are there, watchers included.</summary>
    public int Clients { get; private set; }

    /// <summary>Durations of the parts of the tick so far.</summary>
    public ref readonly PhaseMicros Phases => ref _phases;

    /// <summary>The tick that is running, for events.</summary>
    public uint Tick { get; set; }

    /// <summary>A reason as it leaves the process.</summary>
    public static string NameOf(LeaveReason? reason) => reason is { } known ? NameOf(known) : "none";

    private static string NameOf(LeaveReason reason) => (int)reason < Reasons.Length ? Reasons[(int)reason] : "unknown";

    /// <summary>The seat of a player by his number; −1 when he is not there.</summary>
    public int SeatOf(int number)
    {
        for (int seat = 0; seat < _seats.Length; seat++)
        {
            if (number > 0 && _seats[seat].Number == number)
            {
                return seat;
            }
        }

        return -1;
    }

    /// <summary>Publishes the list of players.</summary>
    public void PublishPlayers(Room room, Operations.PlayerTable players)
    {
        players.Begin();
        for (int seat = 0; seat < _seats.Length; seat++)
        {
            ref Seat of = ref _seats[seat];
            if (of.Number > 0)
            {
                int score = of.IsSpectator ? 0 : room.ScoreOf(new PlayerId(seat));
                players.Add(new Operations.PlayerStatus(
                    of.Number, of.Name, score, of.RoundTripMillis * 1000, of.LossPermille * 10, of.JoinedMicros, of.IsSpectator));
            }
        }

        players.End();
    }

    /// <summary>Records a part of the tick that the room does not time itself.</summary>
    public void PhaseDone(TickPhase phase, long nanos)
    {
        int micros = (int)Math.Min(nanos / 1000, int.MaxValue);
        _phases[(int)phase] = micros;
        _simulation.Phases[(int)phase].Record(micros);
    }

    /// <inheritdoc/>
    public override void PhaseDone(RoomPhase phase, long nanos) => PhaseDone((TickPhase)(int)phase, nanos);

    /// <summary>Records are taken for the next tick.</summary>
    public void DrainBegins(long nowMicros, long dueMicros)
    {
        _nowMicros = nowMicros;
        _waits.Begin(Tick, dueMicros);
    }

    /// <summary>All records are taken, the inputs of the tick are executed.</summary>
    public void StepBegins() => _waits.Execute(Tick, _nowMicros, _simulation.ArrivalToExecution);

    /// <inheritdoc/>
    public override void InputArrived(long marginMicros)
    {
        if (marginMicros >= 0)
        {
            _simulation.InputMargin.Record(marginMicros);
            _waits.Add(_nowMicros - _recordAgeMicros, marginMicros);
        }
    }

    /// <inheritdoc/>
    public override void RayJudged(in RayVerdict ray) => _simulation.RewindDepth.Record((long)(Math.Max(0, ray.RewindTicks) * _tickMicros));

    /// <inheritdoc/>
    public override void SnapshotWritten(int bytes)
    {
        _simulation.SnapshotBytes.Record(bytes);
        Figures.Snapshot(bytes);
    }

    /// <inheritdoc/>
    public override void RecordDrained(long microsSinceArrival)
    {
        _recordAgeMicros = Math.Max(0, microsSinceArrival);
        _simulation.TimeInRing.Record(_recordAgeMicros);
    }

    /// <inheritdoc/>
    public override void PlayerJoined(PlayerId player, string name, bool isSpectator)
    {
        long nanos = MonotonicClock.Nanos;
        long micros = ServerControl.NowMicros();
        _seats[player.Index] = new Seat { Number = ++_playersEver, Name = name, IsSpectator = isSpectator, JoinedMicros = micros };
        Comings++;
        Clients++;
        _simulation.JoinsAccepted.Add();
        if (!isSpectator)
        {
            Figures.Joined(nanos);
        }

        Tell(ServerEventKind.Joined, _playersEver, name, null, micros - _recordAgeMicros, player.Index, isSpectator);
    }

    /// <inheritdoc/>
    public override void JoinRefused(LeaveReason reason, string text)
    {
        Comings++;
        _simulation.JoinsRefused[(int)reason].Add();
        Tell(ServerEventKind.JoinRefused, -1, null, NameOf(reason), ServerControl.NowMicros() - _recordAgeMicros, text: text);
    }

    /// <inheritdoc/>
    public override void PlayerLeft(PlayerId player, LeaveReason reason)
    {
        ref Seat seat = ref _seats[player.Index];
        Comings++;
        Clients--;
        PlayersLeft += seat.IsSpectator ? 0 : 1;
        Overflows += reason == LeaveReason.Overflow ? 1 : 0;
        _simulation.Leaves.Add();
        Tell(ServerEventKind.Left, seat.Number, seat.Name, NameOf(reason), seat.JoinedMicros, player.Index, seat.IsSpectator, LeaveReasonText.Of(reason));
        seat = default;
    }

    /// <inheritdoc/>
    public override void ClientReported(PlayerId player, in ReportMessage report)
    {
        ref Seat seat = ref _seats[player.Index];
        _simulation.Corrections[(int)CorrectionKind.Own].Add(report.Own);
        _simulation.Corrections[(int)CorrectionKind.External].Add(report.External);
        _simulation.Corrections[(int)CorrectionKind.Starved].Add(report.Starved);
        _simulation.UnexplainedRollbacks.Add(report.Unexplained);
        _simulation.RoundTrip.Record(report.RoundTripMillis * 1000L);
        _simulation.Loss.Record(report.LossPermille * 10);
        seat.LossPermille = report.LossPermille;
        seat.RoundTripMillis = report.RoundTripMillis;
    }

    /// <inheritdoc/>
    public override void InputsTooLate(PlayerId player, double roundTripMillis, int followedMillis) => _events.TryAdd(new ServerEvent
    {
        Kind = ServerEventKind.InputsTooLate,
        Tick = Tick,
        PlayerId = _seats[player.Index].Number,
        Name = _seats[player.Index].Name,
        Count = followedMillis,
        LateMicros = (long)(roundTripMillis * 1000),
    });

    /// <inheritdoc/>
    public override void EventsTooMany(string name, bool isReliable, long perSecond, double seconds) => _events.TryAdd(new ServerEvent
    {
        Kind = ServerEventKind.EventsTooMany,
        Tick = Tick,
        Name = name,
        Count = (int)Math.Min(perSecond, int.MaxValue),
        LateMicros = (long)(seconds * 1e6),
        Reason = isReliable ? "a session ends" : "clients miss some of them",
    });

    private void Tell(
        ServerEventKind kind, int number, string? name, string? reason, long startMicros, int seat = -1, bool isSpectator = false, string? text = null) => _events.TryAdd(new ServerEvent
    {
        Kind = kind,
        Tick = Tick,
        PlayerId = number,
        Seat = seat,
        IsSpectator = isSpectator,
        Name = name,
        Reason = reason,
        Text = text,
        StartMicros = startMicros,
        EndMicros = ServerControl.NowMicros(),
    });
}
