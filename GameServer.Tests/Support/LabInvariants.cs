using System.Numerics;
using System.Runtime.InteropServices;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Snapshots;

namespace GameServer.Tests.Support;

/// <summary>What must hold after every tick and every update; the names are those of the list of invariants.</summary>
/// <typeparam name="TInput">The game's input.</typeparam>
internal sealed partial class LabInvariants<TInput>(Lab<TInput> lab)
    where TInput : unmanaged
{
    private const int RefreshTicksMax = 30;

    private readonly Dictionary<(int Seat, uint Tick), Vector3> _viewPoints = [];
    private readonly Dictionary<int, (long Executed, long Sum, Tick Tick)> _inputs = [];
    private readonly Dictionary<int, long> _checked = [];
    private readonly Dictionary<string, LabClient<TInput>> _byName = [];
    private readonly int _pressesOffset = GameSchema<TInput>.Of(lab.Game.CreateGame()).ButtonsOffset + 2;
    private byte[] _waiting = [];
    private long _eventsCounted;

    /// <summary>What was violated, the first of each kind.</summary>
    public SortedDictionary<string, string> Violations { get; } = [];

    public long EntityChecks { get; private set; }

    public long InputChecks { get; private set; }

    /// <summary>Numbers of the announced events in the event log.</summary>
    public List<long> Announced { get; } = [];

    private Room Room => lab.Server.Room;

    private bool IsWhole => !lab.Options.Corrupts;

    public void AfterTick()
    {
        Tick tick = Room.NextTick - 1;
        lab.Game.CheckWorld(this, Room, tick);
        CountAnnounced();
        foreach (Session session in Room.Sessions.Joined)
        {
            RememberViewPoint(session, tick);
            CheckInputs(session, tick);
            CheckRefresh(session, tick);
        }

        Require(lab.Observer.SnapshotBytesMax <= lab.Options.BudgetBytes, "S6", $"{lab.Observer.SnapshotBytesMax} bytes in a tick");
        Require(lab.Server.SnapshotDatagramBytesMax <= lab.Options.BudgetBytes, "S6", $"{lab.Server.SnapshotDatagramBytesMax} bytes of datagrams in a tick");
        bool isHonest = IsWhole && lab.Stranger is null;
        Require(!isHonest || Room.Drops[DropReason.InputAckUnsent] == 0, "T3", $"{Room.Drops[DropReason.InputAckUnsent]} acknowledgements of what was never sent");
        Require(!isHonest || Room.Drops[DropReason.InputMalformed] == 0, "P4", $"{Room.Drops[DropReason.InputMalformed]} packets of honest clients were refused");
        Require(lab.Observer.Diverged == 0, "P1", $"{lab.Observer.Diverged} steps gave other bytes the second time");
        Require(lab.Observer.RewindTicksMax <= lab.Observer.CapTicks + 0.01, "L2", $"rewind of {lab.Observer.RewindTicksMax} ticks");
        Require(lab.Observer.StaleHits == 0, "L4", $"{lab.Observer.StaleHits} hits on states that were older than the cap, the first: {lab.Observer.FirstStale}");
        Require(lab.Server.Endpoint.Drops[DropReason.InboundRingFull] == 0, "T5", "a record found no room in the inbound ring");
        Require(lab.Server.Endpoint.PeerCount <= lab.Server.Options.PeersPerThread, "T5", $"{lab.Server.Endpoint.PeerCount} peers");
    }

    public void AfterUpdate(LabClient<TInput> client)
    {
        SnapshotReader reader = client.Client.Reader;
        if (!IsWhole || !reader.HasNewest || (_checked.TryGetValue(client.Index, out long done) && done == reader.Received))
        {
            return;
        }

        Tick tick = reader.Newest.Tick;
        _checked[client.Index] = reader.Received;
        ClientStats stats = client.Client.Stats;
        Require(stats.Disagreements == 0, "L1", $"client {client.Index}: {stats.Disagreements} verdicts differ");
        Require(stats.BaselineMisses == 0 && client.Client.Drops[DropReason.SnapshotEntityUnknown] == 0, "S2", $"client {client.Index}: {stats.BaselineMisses} baselines missing");
        Require(client.Client.Drops[DropReason.SnapshotMalformed] == 0, "S2", $"client {client.Index}: a snapshot was malformed");
        Require(stats.UnexplainedRollbacks == 0 && stats.CorrectionsOwn == 0, "P8", $"client {client.Index}: {stats.UnexplainedRollbacks} rollbacks without a cause, {stats.CorrectionsOwn} own corrections of up to {stats.MaxCorrectionUnits} units");
        Require(stats.EventGaps == 0, "E1", $"client {client.Index}: {stats.EventGaps} events lost");
        Require(!client.ChatWentBack, "T1", $"client {client.Index}: a line of chat came back");
        if (!Room.History.TryGet(tick, out SnapshotFrame frame))
        {
            return; // a pause was longer than the history
        }

        bool tellsAllOwned = reader.HasNewestOwned && reader.NewestOwned.Tick == tick;
        foreach (EntityReplica replica in reader.Replicas.Span)
        {
            if (replica.IsKnown && replica.IsOwned)
            {
                if (tellsAllOwned || replica.Owned!.Newest.Tick == tick)
                {
                    CheckOwned(client, replica, frame);
                }
            }
            else if (replica.IsKnown && replica.Seen.Count > 0 && replica.Seen.Newest.Tick == tick)
            {
                CheckSeen(client, replica, frame);
            }
        }
    }

    public void Require(bool holds, string name, string detail)
    {
        if (!holds && !Violations.ContainsKey(name))
        {
            Violations.Add(name, $"{name} at {lab.NowMicros / 1e6:F3} s, tick {Room.NextTick - 1}: {detail}");
        }
    }

    private void CountAnnounced()
    {
        int kind = lab.Game.Announced;
        for (; _eventsCounted < Room.Log.End; _eventsCounted++)
        {
            if (Room.Log.Holds(_eventsCounted) && Room.Log[_eventsCounted].EventIndex == kind)
            {
                Announced.Add(_eventsCounted);
            }
        }
    }

    private void RememberViewPoint(Session session, Tick tick)
    {
        if (Room.World.Players.TryGetViewPoint(session.Player, Room.World, out Vector3 point))
        {
            _viewPoints[(session.Seat, tick.Value)] = point;
            _viewPoints.Remove((session.Seat, (tick - Limits.HistoryTicks).Value));
        }
    }

    private void CheckInputs(Session session, Tick tick)
    {
        long sum = session.Inputs.Executed + session.Inputs.Starved;
        bool known = _inputs.TryGetValue(session.Seat, out (long Executed, long Sum, Tick Tick) before) && tick - before.Tick == 1 && before.Sum > 0 && sum >= before.Sum;
        if (known)
        {
            Require(sum - before.Sum == 1, "P4", $"seat {session.Seat}: {sum - before.Sum} inputs in one tick");
        }

        if (known && IsWhole && session.Inputs.Executed > before.Executed && FindClient(session.Name) is { } client && client.Client.HasInput(tick))
        {
            InputChecks++;
            bool equal = session.Inputs.Last.SequenceEqual(client.Client.InputOf(tick)) || (session.Inputs.HasRidden && EqualButForPresses(session.Inputs.Last, client.Client.InputOf(tick)));
            Require(equal, "P4", $"seat {session.Seat}: another input than that of tick {tick} was executed");
        }

        _inputs[session.Seat] = (session.Inputs.Executed, session.Inputs.HasStarted ? sum : 0, tick);
    }

    private bool EqualButForPresses(ReadOnlySpan<byte> executed, ReadOnlySpan<byte> sent)
    {
        bool equal = executed.Length == sent.Length;
        for (int i = 0; i < executed.Length && equal; i++)
        {
            equal = executed[i] == sent[i] || (i - _pressesOffset) is 0 or 1;
        }

        return equal;
    }

    private LabClient<TInput>? FindClient(string name)
    {
        if (!_byName.TryGetValue(name, out LabClient<TInput>? client))
        {
            client = lab.Clients.Find(c => c.Name == name);
            if (client is not null)
            {
                _byName.Add(name, client);
            }
        }

        return client;
    }

    // What has changed since it was last told must be told within so many ticks, whatever else there is to tell.
    private void CheckRefresh(Session session, Tick tick)
    {
        int slots = Room.World.Schema.SlotCount;
        if (_waiting.Length == 0)
        {
            _waiting = new byte[Room.Sessions.All.Length * slots];
        }

        Span<byte> waiting = _waiting.AsSpan(session.Seat * slots, slots);
        if (session.Acks.IsSlow)
        {
            waiting.Clear(); // who has acknowledged nothing for two seconds is sent two snapshots a second, not what changed
            return;
        }

        foreach (int slot in session.Stream.Tracked)
        {
            ref EntityTrack track = ref session.Stream.Track(slot);
            bool isNew = !track.HasSent && !track.HasBaseline;
            bool changed = track.IsOwned ? OwnedDiffers(in track, slot) : Room.History.Newest.ChangedAt[slot] > track.LastSent;
            bool waits = track.State == TrackState.Visible && (isNew || changed);
            waiting[slot] = (byte)(waits ? Math.Min(waiting[slot] + 1, 255) : 0);
            Require(waiting[slot] <= RefreshTicksMax, "S5", $"seat {session.Seat}: slot {slot} not refreshed since {track.LastSent}");
        }
    }

    private bool OwnedDiffers(in EntityTrack track, int slot)
    {
        SnapshotFrame newest = Room.History.Newest;
        return track.LastSent != newest.Tick
            && (!Room.History.TryGet(track.LastSent, out SnapshotFrame sent) || !Room.History.Words(sent, slot).SequenceEqual(Room.History.Words(newest, slot)));
    }

    private void CheckOwned(LabClient<TInput> client, EntityReplica replica, SnapshotFrame frame)
    {
        EntityChecks++;
        bool alive = frame.Generations[replica.Slot] == replica.Generation;
        Require(alive, "S4", $"client {client.Index}: own {replica.Id} does not live in tick {frame.Tick}");
        if (alive)
        {
            bool equal = MemoryMarshal.AsBytes(replica.Owned!.NewestRow).SequenceEqual(MemoryMarshal.AsBytes(Room.History.Words(frame, replica.Slot)));
            Require(equal, "S1", $"client {client.Index}: own {replica.Id} differs in tick {frame.Tick}");
        }
    }

    private void CheckSeen(LabClient<TInput> client, EntityReplica replica, SnapshotFrame frame)
    {
        EntityChecks++;
        bool alive = frame.Generations[replica.Slot] == replica.Generation;
        Require(alive, "S4", $"client {client.Index}: {replica.Id} does not live in tick {frame.Tick}");
        if (!alive)
        {
            return;
        }

        ReadOnlySpan<int> row = Room.History.Row(frame, replica.Slot);
        Require(replica.Seen.NewestRow.SequenceEqual(row), "S1", $"client {client.Index}: {replica.Id} differs in tick {frame.Tick}");
        ref readonly SampleSpan span = ref replica.Seen.Newest;
        var expected = new SampleSpan(frame.Tick, frame.ChangedAt[replica.Slot], frame.PreviousChangedAt[replica.Slot]);
        Require(span.ChangedAt == expected.ChangedAt && span.PreviousChangedAt == expected.PreviousChangedAt, "S1", $"client {client.Index}: {replica.Id} has another past in tick {frame.Tick}");
        int column = replica.Kind.PositionColumn;
        if (replica.Kind.PositionOffset >= 0 && !client.IsSpectator && _viewPoints.TryGetValue((client.Client.Player.Index, frame.Tick.Value), out Vector3 point))
        {
            ReadOnlySpan<FieldSpec> columns = replica.Kind.Seen.Columns;
            var position = new Vector3(
                columns[column].Quantizer.Dequantize(row[column]), columns[column + 1].Quantizer.Dequantize(row[column + 1]), columns[column + 2].Quantizer.Dequantize(row[column + 2]));
            Require(Vector3.Distance(position, point) <= Room.World.Schema.InterestLeave + 0.1f, "S3", $"client {client.Index}: {replica.Id} at {position} is out of interest");
        }
    }
}
