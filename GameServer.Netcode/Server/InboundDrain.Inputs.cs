using System.Runtime.InteropServices;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Netcode.Server;

// What comes most: inputs, the acknowledgements that ride with them, and reports.
internal sealed partial class InboundDrain
{
    /// <summary>The largest margin that is told, in 1/16 ticks: as far as any client runs ahead, so that one report mends any lead.</summary>
    private const int MarginPartsMax = 16 * 2048;

    /// <summary>Takes one record if there is one and it is quickly taken: no joins and leaves.</summary>
    public bool TryTakeOne(long nowMicros)
    {
        foreach (InboundLane lane in _inbound)
        {
            SpscRing ring = lane.Ring;
            if (ring.TryPeek(out ReadOnlySpan<byte> record) && record.Length >= RecordHeader.SizeBytes
                && MemoryMarshal.Read<RecordHeader>(record).Kind == RecordKind.Unreliable && !IsJoin(record[RecordHeader.SizeBytes..]))
            {
                Take(record, nowMicros);
                ring.Release();
                return true;
            }
        }

        return false;
    }

    // Behind the records, which are older but for few: whatever is in the ring, the newest inputs of all are there before the tick is run.
    private void TakeNewest(NewestMessages newest, long nowMicros)
    {
        bool isNew = newest.TryBegin();
        for (int slot = 0; isNew && slot < newest.PeersMax; slot++)
        {
            if (newest.TryTake(slot, out ReadOnlySpan<byte> record))
            {
                Take(record, nowMicros);
            }
        }
    }

    private void TakeInputs(Session session, ReadOnlySpan<byte> payload, long arrivalMicros)
    {
        if (payload.Length == 0 || payload[0] != (byte)PayloadKind.Input)
        {
            _room.Drops.Add(DropReason.PacketKindUnknown);
            return;
        }

        if (!_packet.TryRead(payload))
        {
            _room.Drops.Add(DropReason.InputMalformed);
            return;
        }

        if (_packet.HasAck && !session.Stream.Acknowledge(_packet.AckSequence, _packet.AckBits, _room.NextTick - session.DelayTicks))
        {
            _room.Drops.Add(DropReason.InputAckUnsent);
            return;
        }

        for (int i = 0; i < _packet.Count && !session.IsSpectator; i++)
        {
            TakeInput(session, i, arrivalMicros);
        }
    }

    private void TakeInput(Session session, int index, long arrivalMicros)
    {
        Tick next = _room.NextTick;
        Tick tick = _packet.TickOf(index);
        bool taken = session.Inputs.TryAdd(next, tick, in _packet.StampOf(index), _packet.RowOf(index), out DropReason reason);
        if (!taken)
        {
            if (reason != DropReason.InputDuplicate)
            {
                _room.Drops.Add(reason); // repeated inputs are how packets are made, and counted with the inputs
            }

            // Who is far too late or far too early has to be told so, or he stays there.
            if (reason is not (DropReason.InputLate or DropReason.InputTooFarAhead))
            {
                return;
            }
        }

        else
        {
            session.NoteInput(next, _packet.RowOf(index));
        }

        long dueMicros = _room.NextDeadlineMicros + (long)((tick - next) * _room.PeriodMicros);
        long marginMicros = dueMicros - arrivalMicros;
        session.HasInputs = true;
        session.NoteMargin(tick, (int)Math.Clamp(marginMicros * 16 / _room.PeriodMicros, -MarginPartsMax, MarginPartsMax));
        if (reason != DropReason.InputTooFarAhead)
        {
            _observer.InputArrived(marginMicros);
        }
    }

    private void TakeReport(Session session, ReadOnlySpan<byte> message)
    {
        if (!ReportMessage.TryRead(message, out ReportMessage report))
        {
            _room.Drops.Add(DropReason.MessageMalformed);
            return;
        }

        session.Report = report;
        _observer.ClientReported(session.Player, in report);
    }
}
