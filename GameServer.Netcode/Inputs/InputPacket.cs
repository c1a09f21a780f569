using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Inputs;

/// <summary>One input packet: all inputs that the server has not acknowledged, and which snapshots have arrived.</summary>
/// <remarks>
/// <code>
/// bits      field
/// 8         PayloadKind.Input
/// 1         any snapshot received
/// 16        newest snapshot sequence received           (only if any)
/// 32        bit n: the snapshot newest − 1 − n received (only if any)
/// 6         number of inputs, 0–40
/// 32        tick of the newest input                    (only if any input)
/// per input, oldest first; the ticks follow each other without a gap:
///   signed  tick − newest snapshot tick: of the first input as it is, then the change against the input before
///   signed  age of the view in 1/256 ticks: likewise
///   1       same columns as the input before
///   row     else: the columns against the input before (FieldCodec); the first against zeros
/// </code>
/// Owner: one thread. Allocates: no. Reading checks every value and never throws.
/// </remarks>
public sealed class InputPacket
{
    private readonly FieldTable _table;
    private readonly int[] _rows;
    private readonly ViewStamp[] _stamps = new ViewStamp[Limits.InputsPerPacketMax];

    /// <summary>An empty packet for inputs of this table.</summary>
    public InputPacket(FieldTable table)
    {
        _table = table;
        _rows = new int[Limits.InputsPerPacketMax * table.Count];
    }

    /// <summary>False until the first snapshot has arrived.</summary>
    public bool HasAck { get; set; }

    /// <summary>Sequence of the newest snapshot that has arrived.</summary>
    public ushort AckSequence { get; set; }

    /// <summary>Bit n: the snapshot <see cref="AckSequence"/> − 1 − n has arrived.</summary>
    public uint AckBits { get; set; }

    /// <summary>Inputs in the packet.</summary>
    public int Count { get; private set; }

    /// <summary>Tick of the last of them.</summary>
    public Tick NewestTick { get; private set; }

    /// <summary>Tick of input <paramref name="index"/>.</summary>
    public Tick TickOf(int index) => NewestTick - (Count - 1 - index);

    /// <summary>View stamp of input <paramref name="index"/>.</summary>
    public ref readonly ViewStamp StampOf(int index) => ref _stamps[index];

    /// <summary>Columns of input <paramref name="index"/>.</summary>
    public ReadOnlySpan<int> RowOf(int index) => _rows.AsSpan(index * _table.Count, _table.Count);

    /// <summary>Empties the packet.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds the input of the next tick.</summary>
    public void Add(Tick tick, in ViewStamp stamp, ReadOnlySpan<int> row)
    {
        System.Diagnostics.Debug.Assert(Count < Limits.InputsPerPacketMax && (Count == 0 || tick - NewestTick == 1), "inputs follow each other");
        _stamps[Count] = stamp;
        row.CopyTo(_rows.AsSpan(Count * _table.Count, _table.Count));
        Count++;
        NewestTick = tick;
    }

    /// <summary>Removes the oldest inputs.</summary>
    public void RemoveOldest(int count)
    {
        Count -= count;
        _stamps.AsSpan(count, Count).CopyTo(_stamps);
        _rows.AsSpan(count * _table.Count, Count * _table.Count).CopyTo(_rows);
    }

    /// <summary>Writes the packet; returns its size in bytes, or 0 when it does not fit.</summary>
    public int Write(Span<byte> destination)
    {
        var writer = new BitWriter(destination);
        writer.Write((uint)PayloadKind.Input, 8);
        writer.WriteBool(HasAck);
        if (HasAck)
        {
            writer.Write(AckSequence, 16);
            writer.Write(AckBits, 32);
        }

        writer.Write((uint)Count, 6);
        if (Count > 0)
        {
            writer.Write(NewestTick.Value, 32);
        }

        int lead = 0;
        int age = 0;
        ReadOnlySpan<int> before = _table.ZeroRow;
        for (int i = 0; i < Count; i++)
        {
            int nextLead = TickOf(i) - _stamps[i].Newest;
            int nextAge = _stamps[i].AgeParts;
            writer.WriteSigned(nextLead - lead);
            writer.WriteSigned(nextAge - age);
            WriteRow(ref writer, before, RowOf(i));
            lead = nextLead;
            age = nextAge;
            before = RowOf(i);
        }

        return writer.Overflowed ? 0 : writer.Finish();
    }

    /// <summary>Reads a packet whose first byte has been looked at.</summary>
    public bool TryRead(ReadOnlySpan<byte> payload)
    {
        Count = 0;
        var reader = new BitReader(payload);
        reader.Read(8);
        HasAck = reader.ReadBool();
        AckSequence = HasAck ? (ushort)reader.Read(16) : (ushort)0;
        AckBits = HasAck ? reader.Read(32) : 0;
        int count = (int)reader.Read(6);
        if (count > Limits.InputsPerPacketMax)
        {
            return false;
        }

        NewestTick = count > 0 ? new Tick(reader.Read(32)) : default;
        Count = count;
        int lead = 0;
        int age = 0;
        ReadOnlySpan<int> before = _table.ZeroRow;
        for (int i = 0; i < count; i++)
        {
            lead += reader.ReadSigned();
            age += reader.ReadSigned();
            Span<int> row = _rows.AsSpan(i * _table.Count, _table.Count);
            if (!TryReadRow(ref reader, before, row) || lead is < -Limits.HistoryTicks or > 4096 || age is < -65536 or > 1048576)
            {
                Count = 0;
                return false;
            }

            _stamps[i] = ViewStamp.FromAge(TickOf(i) - lead, age);
            before = row;
        }

        return !reader.Failed && reader.BitsLeft < 8;
    }

    private void WriteRow(ref BitWriter writer, ReadOnlySpan<int> before, ReadOnlySpan<int> row)
    {
        bool same = row.SequenceEqual(before);
        writer.WriteBool(same);
        if (!same)
        {
            FieldCodec.Write(ref writer, _table.Columns, before, row);
        }
    }

    private bool TryReadRow(ref BitReader reader, ReadOnlySpan<int> before, Span<int> row)
    {
        if (reader.ReadBool())
        {
            before.CopyTo(row);
        }
        else
        {
            FieldCodec.Read(ref reader, _table.Columns, before, row);
        }

        return !reader.Failed && _table.IsValid(row);
    }
}
