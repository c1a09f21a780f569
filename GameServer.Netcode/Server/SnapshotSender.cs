using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;

namespace GameServer.Netcode.Server;

/// <summary>Sends each client the snapshots of a tick, as datagrams within the budget.</summary>
/// <remarks>Owner: simulation thread. Allocates: no.</remarks>
internal sealed class SnapshotSender
{
    /// <summary>The transport's byte before an unreliable payload; the budget is one of whole datagrams.</summary>
    private const int TransportBytes = 1;

    private readonly Outbox _outbox;
    private readonly RoomOptions _options;
    private readonly RoomObserver _observer;

    public SnapshotSender(Outbox outbox, RoomOptions options, RoomObserver observer)
    {
        _outbox = outbox;
        _options = options;
        _observer = observer;
    }

    /// <summary>Writes what a client is to be told of a tick into its ring.</summary>
    public void Send(Session session, Tick tick, SnapshotSource source)
    {
        SnapshotStream stream = session.Stream;
        if (stream.Events.HasOverflowed || (stream.Events.Backlog > 0 && !Holds(stream, source.Events.Reliable)))
        {
            session.EndsBy = LeaveReason.Overflow;
            return;
        }

        stream.UpdateInterest(source.Grid, source.History.Changed, tick);
        if (!session.IsDueSnapshot(_outbox.IsCarried(session)))
        {
            return;
        }

        source.Writer.Build(stream, _options.BudgetBytes);
        var header = default(SnapshotHeader);
        session.Describe(ref header, tick);
        int left = _options.BudgetBytes;
        int written;
        do
        {
            int room = Math.Min(left - TransportBytes, session.PathBytes);
            if (!_outbox.TryClaim(session, room, out Span<byte> payload))
            {
                break;
            }

            bool had = source.Writer.HasMore;
            written = source.Writer.Write(payload, stream, ref header);
            _outbox.Publish(session, written);
            left -= written + TransportBytes;
            if (!had || !source.Writer.WroteRecords)
            {
                break;
            }
        }
        while (source.Writer.HasMore && left >= 64);
        source.Writer.Complete();
        _observer.SnapshotWritten(_options.BudgetBytes - left);
    }

    private static bool Holds(SnapshotStream stream, EventLog log)
    {
        long number = stream.Events[stream.Events.Oldest].Number;
        return number < 0 || log.Holds(number);
    }
}
