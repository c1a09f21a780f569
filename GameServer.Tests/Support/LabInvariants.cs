using System.Numerics;
using System.Runtime.InteropServices;
using GameServer.Arena;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Snapshots;

namespace GameServer.Tests.Support;

/// <summary>What must hold after every tick and every update, by the names of docs/INVARIANTS.</summary>
internal sealed class LabInvariants(Lab lab)
{
    private const int RefreshTicksMax = 30;

    private readonly Dictionary<(int Seat, uint Tick), Vector3> _viewPoints = [];
    private readonly Dictionary<int, (long Sum, Tick Tick)> _inputs = [];
    private readonly Dictionary<int, Tick> _checked = [];

    /// <summary>What was violated, at most the first of each kind.</summary>
    public SortedDictionary<string, string> Violations { get; } = [];

    public long EntityChecks { get; private set; }

    private Room Room => lab.Server.Room;

    public void AfterTick()
    {
        Tick tick = Room.NextTick - 1;
        CheckWorld(tick);
        foreach (Session session in Room.Sessions.Joined)
        {
            RememberViewPoint(session, tick);
            CheckInputs(session, tick);
            CheckRefresh(session, tick);
        }

        Require(lab.Observer.SnapshotBytesMax <= lab.Options.BudgetBytes, "S6", $"{lab.Observer.SnapshotBytesMax} bytes in a tick");
        Require(lab.Observer.Diverged == 0, "P1", $"{lab.Observer.Diverged} steps gave other bytes the second time");
        Require(lab.Observer.RewindTicksMax <= lab.Observer.CapTicks + 0.01, "L2", $"rewind of {lab.Observer.RewindTicksMax} ticks");
    }

    public void AfterUpdate(LabClient client)
    {
        SnapshotReader reader = client.Client.Reader;
        if (!reader.HasNewest || (_checked.TryGetValue(client.Index, out Tick done) && done == reader.Newest.Tick))
        {
            return;
        }

        Tick tick = reader.Newest.Tick;
        _checked[client.Index] = tick;
        Require(client.Client.Stats.Disagreements == 0, "L1", $"client {client.Index}: {client.Client.Stats.Disagreements} verdicts differ");
        Require(client.Client.Stats.BaselineMisses == 0, "S2", $"client {client.Index}: {client.Client.Stats.BaselineMisses} baselines missing");
        Require(client.Client.Stats.EventGaps == 0, "E1", $"client {client.Index}: {client.Client.Stats.EventGaps} events lost");
        if (!Room.History.TryGet(tick, out SnapshotFrame frame))
        {
            return; // a pause was longer than the history
        }

        foreach (EntityReplica replica in reader.Replicas.Span)
        {
            if (replica.IsKnown && replica.IsOwned)
            {
                CheckOwned(client, replica, frame);
            }
            else if (replica.IsKnown && replica.Seen.Count > 0 && replica.Seen.Newest.Tick == tick)
            {
                CheckSeen(client, replica, frame);
            }
        }
    }

    /// <summary>When all stand still: what clients have equals what the server has, and predictions equal it too.</summary>
    public void AtRest()
    {
        foreach (LabClient client in lab.Clients)
        {
            if (client.Client.State != ClientState.Playing)
            {
                continue;
            }

            foreach (PredictedEntity entity in client.Client.Predictor.Entities)
            {
                bool equal = entity.Replica is not null && Room.World.ComponentBytes(entity.Replica.Slot).SequenceEqual(entity.Bytes);
                Require(equal, "P2", $"client {client.Index}: the prediction of {entity.Id} differs at rest");
            }

            Session session = Room.Sessions.All[client.Client.Player.Index];
            foreach (int slot in session.Stream.Tracked)
            {
                ref EntityTrack track = ref session.Stream.Track(slot);
                if (track.State == TrackState.Visible && !track.IsOwned)
                {
                    EntityReplica replica = client.Client.Reader.Replicas.Span[slot];
                    bool equal = replica.IsKnown && replica.Generation == track.Generation && replica.Seen.NewestRow.SequenceEqual(Room.History.Row(Room.History.Newest, slot));
                    Require(equal, "S5", $"client {client.Index}: slot {slot} differs at rest");
                }
                else if (track.State is TrackState.Hiding or TrackState.Despawning)
                {
                    Require(false, "S4", $"client {client.Index}: the removal of slot {slot} never arrived");
                }
            }

            Require(session.Stream.Events.Backlog == 0, "E1", $"client {client.Index}: {session.Stream.Events.Backlog} events still wait");
            Require(client.Client.Reader.EventsTaken == session.Stream.Events.Total, "E1", $"client {client.Index}: took {client.Client.Reader.EventsTaken} of {session.Stream.Events.Total} events");
        }
    }

    public void Require(bool holds, string name, string detail)
    {
        if (!holds)
        {
            Violations.TryAdd(name, $"{name} at {lab.NowMicros / 1e6:F3} s, tick {Room.NextTick - 1}: {detail}");
        }
    }

    private void CheckWorld(Tick tick)
    {
        foreach (EntityId id in Room.World.Of(ArenaGame.Soldiers))
        {
            Vector3 p = Room.World.Get(ArenaGame.Soldiers, id).Position;
            Require(float.IsFinite(p.X + p.Y + p.Z) && p.X is >= 0 and <= 64 && p.Z is >= 0 and <= 64, "M2", $"soldier {id} at {p} in tick {tick}");
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
        if (session.Inputs.HasStarted && _inputs.TryGetValue(session.Seat, out (long Sum, Tick Tick) before) && before.Sum > 0 && sum >= before.Sum && tick - before.Tick == 1)
        {
            Require(sum - before.Sum == 1, "P4", $"seat {session.Seat}: {sum - before.Sum} inputs in one tick");
        }

        _inputs[session.Seat] = (session.Inputs.HasStarted ? sum : 0, tick);
    }

    private void CheckRefresh(Session session, Tick tick)
    {
        foreach (int slot in session.Stream.Tracked)
        {
            ref EntityTrack track = ref session.Stream.Track(slot);
            bool waits = track.State == TrackState.Visible && !track.IsOwned && track.HasSent && Room.History.Newest.ChangedAt[slot] > track.LastSent;
            Require(!waits || tick - track.LastSent <= RefreshTicksMax, "S5", $"seat {session.Seat}: slot {slot} not refreshed since {track.LastSent}");
        }
    }

    private void CheckOwned(LabClient client, EntityReplica replica, SnapshotFrame frame)
    {
        EntityChecks++;
        bool alive = frame.Generations[replica.Slot] == replica.Generation;
        Require(alive, "S4", $"client {client.Index}: {replica.Id} does not live in tick {frame.Tick}");
        if (alive)
        {
            bool equal = MemoryMarshal.AsBytes(replica.Owned!.NewestRow).SequenceEqual(MemoryMarshal.AsBytes(Room.History.Words(frame, replica.Slot)));
            Require(equal, "S1", $"client {client.Index}: own {replica.Id} differs in tick {frame.Tick}");
        }
    }

    private void CheckSeen(LabClient client, EntityReplica replica, SnapshotFrame frame)
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
        int column = replica.Kind.PositionColumn;
        if (replica.Kind.PositionOffset >= 0 && _viewPoints.TryGetValue((client.Client.Player.Index, frame.Tick.Value), out Vector3 point))
        {
            ReadOnlySpan<FieldSpec> columns = replica.Kind.Seen.Columns;
            var position = new Vector3(
                columns[column].Quantizer.Dequantize(row[column]), columns[column + 1].Quantizer.Dequantize(row[column + 1]), columns[column + 2].Quantizer.Dequantize(row[column + 2]));
            Require(Vector3.Distance(position, point) <= Room.World.Schema.InterestLeave + 0.1f, "S3", $"client {client.Index}: {replica.Id} at {position} is out of interest");
        }
    }
}
