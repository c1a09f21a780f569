using GameServer.Netcode.Client;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Snapshots;

namespace GameServer.Tests.Support;

// What must hold once faults have stopped and everybody stands still.
internal sealed partial class LabInvariants<TInput>
{
    private readonly HashSet<(int Client, int Slot, byte Epoch)> _unsettled = [];

    /// <summary>Everybody lives or has ended for a reason; what clients have equals what the server has, and predictions equal it too.</summary>
    /// <remarks>Two looks, so that what changes its interest or dies at this very moment is told from what never arrives.</remarks>
    public void AtRest()
    {
        foreach (LabClient<TInput> client in lab.Playing.Where(c => c.Client.Player.Index < Room.Sessions.All.Length))
        {
            SnapshotStream stream = Room.Sessions.All[client.Client.Player.Index].Stream;
            foreach (int slot in stream.Tracked)
            {
                if (!IsSettled(client, in stream.Track(slot), slot))
                {
                    _unsettled.Add((client.Index, slot, stream.Track(slot).Epoch));
                }
            }
        }

        lab.Run(0.5);
        CheckNothingRemains();
        foreach (LabClient<TInput> client in lab.Clients)
        {
            bool isOver = client.IsSwitchedOff || client.Client.State == ClientState.Ended;
            bool hasSurvived = !client.MustSurvive || client.IsSwitchedOff || client.Client.State != ClientState.Ended || client.Client.EndReason == LeaveReason.Left;
            Require(!IsWhole || hasSurvived, "R1", $"client {client.Index}: its path changed, and the session ended by {client.Client.EndReason}");
            Require(isOver || client.Client.State == ClientState.Playing || IsJoining(client), "H1", $"client {client.Index} is still {client.Client.State}");
            if (IsWhole && !isOver && client.Client.State == ClientState.Playing)
            {
                CheckAtRest(client, Room.Sessions.All[client.Client.Player.Index]);
            }
        }
    }

    /// <summary>How the server and each client ended up, for the message of a failure.</summary>
    public string Describe()
    {
        var text = new System.Text.StringBuilder();
        text.Append("server:");
        Append(text, Room.Drops);
        text.Append(" endpoint:");
        Append(text, lab.Server.Endpoint.Drops);
        foreach (LabClient<TInput> client in lab.Clients.Where(c => c.Client.State != ClientState.Ended))
        {
            ClientStats s = client.Client.Stats;
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\nclient {client.Index} {client.Client.State} seat {client.Client.Player.Index}{(client.IsSpectator ? " watches" : "")}{(client.IsSwitchedOff ? " off" : "")}: ")
                .Append(System.Globalization.CultureInfo.InvariantCulture, $"tick {client.Client.Tick}, lead {s.LeadTicks}, margin {s.MarginTicks:F1}, rtt {s.RoundTripMillis:F0} ms, frames {client.FramePeriodMicros / 1000} ms, ")
                .Append(System.Globalization.CultureInfo.InvariantCulture, $"snapshots {s.SnapshotsReceived} lost {s.SnapshotsLost}, corrections {s.CorrectionsOwn}/{s.CorrectionsExternal}/{s.CorrectionsStarved}, drops");
            Append(text, client.Client.Drops);
            Append(text, client.Client.Endpoint!.Drops);
        }

        return text.ToString();
    }

    private static void Append(System.Text.StringBuilder text, DropCounters drops)
    {
        foreach (DropReason reason in Enum.GetValues<DropReason>())
        {
            if (drops[reason] > 0)
            {
                text.Append(' ').Append(reason).Append(' ').Append(drops[reason]);
            }
        }
    }

    /// <summary>S5: when nothing changes, nothing of entities is sent.</summary>
    public void CheckSilence()
    {
        long before = Room.EntitiesSent;
        Tick from = Room.NextTick;
        lab.Run(0.4);
        bool changed = false;
        foreach (Tick changedAt in Room.History.Newest.ChangedAt)
        {
            changed |= changedAt >= from - 30 && changedAt != default;
        }

        Require(changed || !IsWhole || Room.EntitiesSent == before, "S5", $"{Room.EntitiesSent - before} records sent while nothing changes");
    }

    /// <summary>T5: nothing of a peer remains after it left.</summary>
    public void CheckNothingRemains()
    {
        int live = lab.Clients.Count(c => !c.IsSwitchedOff && c.Client.State == ClientState.Playing);
        int joining = lab.Clients.Count(IsJoining); // the server may have let them in: a welcome is under way, or was damaged
        // A connect request whose time was damaged makes a peer that no farewell fits: it goes by its timeout.
        long timeoutMicros = (lab.Server.Options.IdleTimeoutMillis + 100) * 1000L;
        int leaving = IsWhole ? 0 : lab.Clients.Count(c => c.EndedAtMicros <= lab.NowMicros && c.EndedAtMicros > lab.NowMicros - timeoutMicros);
        Require(Room.Sessions.Joined.Count - live is var entering && entering >= 0 && entering <= joining + leaving, "T5", $"{Room.Sessions.Joined.Count} sessions for {live} clients");
        Require(lab.Server.Endpoint.PeerCount - live is var waiting && waiting >= 0 && waiting <= joining + leaving, "T5", $"{lab.Server.Endpoint.PeerCount} peers for {live} clients");
        int taken = 0;
        foreach (Session session in Room.Sessions.All)
        {
            taken += session.State == SessionState.Free ? 0 : 1;
            bool empty = session.State != SessionState.Free || (Room.World.OwnedSlots(session.Player).Count == 0 && session.Backlog.IsEmpty && !Room.World.Players.IsTaken(session.Player));
            Require(empty, "T5", $"seat {session.Seat} is free but something of its player remains");
        }

        Require(taken >= live && taken <= live + joining + leaving, "T5", $"{taken} seats for {live} clients");
    }

    // A join may take ten seconds before the server gives it up.
    private bool IsJoining(LabClient<TInput> client) =>
        client.Client.State is ClientState.Connecting or ClientState.Joining && lab.NowMicros - client.StartedAtMicros < 15_000_000;

    private void CheckAtRest(LabClient<TInput> client, Session session)
    {
        SnapshotReader reader = client.Client.Reader;
        Require(reader.HasNewest && Room.NextTick - reader.Newest.Tick <= (lab.Options.TickRateHz / 5) + 3, "S5", $"client {client.Index}: no snapshot since {reader.Newest.Tick}");
        foreach (PredictedEntity entity in client.Client.Predictor.Entities)
        {
            if (entity.Replica is { } replica && Room.World.Meta(replica.Slot) is { HasExternal: true } meta && Room.NextTick - meta.ExternalTick < 30)
            {
                continue; // two who lean on each other push each other on for as long as they stand
            }

            bool equal = entity.Replica is not null && Room.World.ComponentBytes(entity.Replica.Slot).SequenceEqual(entity.Bytes);
            Require(equal, "P2", $"client {client.Index}: the prediction of {entity.Id} differs at rest: {Words(entity.Bytes)}, not {(entity.Replica is null ? "there" : Words(Room.World.ComponentBytes(entity.Replica.Slot)))}");
        }

        bool plays = !client.IsSpectator && session.Inputs.Executed > 0;
        Require(!plays || session.Inputs.Presses == client.Client.Presses, "P6", $"client {client.Index}: pressed {client.Client.Presses} times, {session.Inputs.Presses} were executed");
        foreach (int slot in session.Stream.Tracked)
        {
            CheckTrack(client, ref session.Stream.Track(slot), slot);
        }

        foreach (EntityReplica replica in reader.Replicas.Span)
        {
            Require(!replica.IsKnown || session.Stream.Track(replica.Slot).State != TrackState.Unknown, "S4", $"client {client.Index}: {replica.Id} is still there");
        }

        RequireTaken(client, session.Stream.Events, reader.Events);
        RequireTaken(client, session.Stream.BriefEvents, reader.BriefEvents);
        if (!lab.Observer.Joined.TryGetValue(session.Seat, out (string Name, long EventsAtJoin) joined))
        {
            Require(false, "T5", $"client {client.Index} plays in seat {session.Seat}, which is {session.State}");
            return;
        }

        long from = joined.EventsAtJoin;
        int told = Announced.Count(number => number >= from);
        Require(client.AnnouncedTaken == told, "E1", $"client {client.Index}: saw {client.AnnouncedTaken} of {told} announced events");
        Require(session.Name == client.Name, "T5", $"client {client.Index} sits in the seat of {session.Name}");
    }

    private void RequireTaken(LabClient<TInput> client, EventStream told, EventWindow had)
    {
        string kind = told.IsReliable ? "reliable" : "brief";
        Require(told.Backlog <= 2, "E1", $"client {client.Index}: {told.Backlog} {kind} events still wait");
        Require(had.Taken >= told.Total - told.Backlog - told.GivenUp && had.Taken <= told.Total, "E1", $"client {client.Index}: took {had.Taken} of {told.Total} {kind} events, {told.GivenUp} given up");
        Require(!told.IsReliable || told.GivenUp == 0, "E1", $"client {client.Index}: {told.GivenUp} reliable events were given up");
    }

    private static string Words(ReadOnlySpan<byte> bytes) =>
        string.Join(' ', System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(bytes).ToArray().Select(w => BitConverter.Int32BitsToSingle(w) is var f && Math.Abs(f) is > 1e-6f and < 1e6f ? $"{f}" : $"{w}"));

    private void CheckTrack(LabClient<TInput> client, ref EntityTrack track, int slot)
    {
        bool isRemoval = track.State is TrackState.Hiding or TrackState.Despawning;
        bool holds = IsSettled(client, in track, slot) || !_unsettled.Contains((client.Index, slot, track.Epoch));
        Require(holds, isRemoval ? "S4" : "S5", isRemoval ? $"client {client.Index}: the removal of slot {slot} never arrived" : $"client {client.Index}: slot {slot} differs at rest");
    }

    private bool IsSettled(LabClient<TInput> client, in EntityTrack track, int slot)
    {
        if (track.State is TrackState.Hiding or TrackState.Despawning)
        {
            return false;
        }

        if (track.State != TrackState.Visible || track.IsOwned || Room.NextTick - Room.History.Newest.ChangedAt[slot] < (lab.Options.TickRateHz / 5) + 3)
        {
            return true;
        }

        EntityReplica replica = client.Client.Reader.Replicas.Span[slot];
        return replica.IsKnown && replica.Generation == track.Generation && replica.Seen.NewestRow.SequenceEqual(Room.History.Row(Room.History.Newest, slot));
    }
}
