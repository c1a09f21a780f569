using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

/// <summary>Writes what waits in a client's two streams of events into the snapshots of a tick, the reliable ones first.</summary>
/// <remarks>The layout stands at <see cref="SnapshotWriter"/>. Owner: simulation thread. Allocates: no.</remarks>
internal sealed class EventWriter(Schema schema, EventLog log, EventLog briefLog)
{
    private const int ResendTicks = 4;

    private int _resendAfter;
    private ushort _next;
    private ushort _nextBrief;

    /// <summary>True once everything was tried.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Begins a tick of one client.</summary>
    public void Begin(SnapshotStream stream, Tick now)
    {
        stream.BriefEvents.Expire(now, briefLog);
        _resendAfter = ResendTicks + (int)(stream.AckAge + (4 * stream.AckAgeDeviation));
        _next = stream.Events.Oldest;
        _nextBrief = stream.BriefEvents.Oldest;
        IsDone = false;
    }

    /// <summary>Writes what there is room for, while fewer than <paramref name="bitsMax"/> bits are written.</summary>
    public void Write(ref BitWriter writer, SnapshotStream stream, Tick now, int bitsMax) =>
        IsDone = Write(ref writer, stream, stream.Events, log, ref _next, now, bitsMax)
            && Write(ref writer, stream, stream.BriefEvents, briefLog, ref _nextBrief, now, bitsMax);

    private bool Write(ref BitWriter writer, SnapshotStream stream, EventStream events, EventLog from, ref ushort next, Tick now, int bitsMax)
    {
        for (; next != events.Next; next++)
        {
            ref EventStream.Pending item = ref events[next];
            if (item.IsDone || (item.IsInFlight && now - item.LastSent < _resendAfter))
            {
                continue;
            }

            if (writer.BitCount > bitsMax)
            {
                return false;
            }

            BitWriter.Position mark = writer.Mark();
            writer.WriteBool(true);
            writer.Write(next, 16);
            writer.WriteBool(events.IsReliable);
            WriteEvent(ref writer, in item, from, stream.Player, now);
            SentKind kind = events.IsReliable ? SentKind.Event : SentKind.BriefEvent;
            if (!SnapshotWriter.TryKeep(ref writer, in mark, stream.Sent, new SentRecord(next, 0, kind)))
            {
                return false;
            }

            item.IsInFlight = true;
            item.LastSent = now;
        }

        return true;
    }

    private void WriteEvent(ref BitWriter writer, in EventStream.Pending item, EventLog from, PlayerId player, Tick now)
    {
        if (item.Number < 0)
        {
            writer.WriteBool(true);
            writer.WriteVariable((uint)(now - item.Verdict.Tick));
            writer.Write(item.Verdict.Ordinal, 8);
            writer.WriteBool(true);
            writer.Write(((uint)item.Verdict.Target.Generation << 16) | item.Verdict.Target.Slot, 32);
            writer.Write((uint)item.Verdict.Reason, 3);
            return;
        }

        ref readonly EventLog.Entry entry = ref from[item.Number];
        writer.WriteBool(!entry.Owner.IsNone && entry.Owner == player);
        writer.WriteVariable((uint)(now - entry.Tick));
        writer.Write(entry.Ordinal, 8);
        writer.WriteBool(false);
        writer.Write(entry.EventIndex, 5);
        FieldTable fields = schema.Events[entry.EventIndex].Fields;
        FieldCodec.Write(ref writer, fields.Columns, fields.ZeroRow, from.Row(item.Number));
    }
}
