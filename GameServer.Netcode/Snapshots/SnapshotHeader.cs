using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

/// <summary>What every snapshot datagram begins with.</summary>
/// <remarks>
/// <code>
/// bits      field
/// 8         PayloadKind.Snapshot
/// 16        sequence
/// 32        tick
/// 1         records are in the order of slots (else each names its slot in 12 bits)
/// 1         0, kept: the owner's block is a hash
/// 7         tick − newest acknowledged snapshot tick: the common baseline; 0 when there is none
/// 1         anything of the client's inputs is known; if so:
///   signed  newest input without a gap before it − tick
///   signed  input whose margin is told − tick
///   signed  that margin in 1/16 ticks
/// 1         an input was made up or not executed as sent, within the last 127 ticks; if so: 7 bits, how many ticks ago
/// </code>
/// </remarks>
internal struct SnapshotHeader
{
    /// <summary>Oldest age that <see cref="StarvedAge"/> tells.</summary>
    public const int StarvedAgeMax = Limits.HistoryTicks - 1;

    public ushort Sequence;
    public Tick Tick;
    public bool IsSorted;
    public int CommonBaselineAge;
    public bool HasInputs;
    public Tick InputAck;
    public Tick MarginTick;
    public int MarginParts;

    /// <summary>Ticks since an input was made up, or −1.</summary>
    public int StarvedAge;

    public readonly void Write(ref BitWriter writer)
    {
        writer.Write((uint)PayloadKind.Snapshot, 8);
        writer.Write(Sequence, 16);
        writer.Write(Tick.Value, 32);
        writer.WriteBool(IsSorted);
        writer.WriteBool(false);
        writer.Write((uint)CommonBaselineAge, 7);
        writer.WriteBool(HasInputs);
        if (HasInputs)
        {
            writer.WriteSigned(InputAck - Tick);
            writer.WriteSigned(MarginTick - Tick);
            writer.WriteSigned(MarginParts);
        }

        bool starved = StarvedAge is >= 0 and <= StarvedAgeMax;
        writer.WriteBool(starved);
        if (starved)
        {
            writer.Write((uint)StarvedAge, 7);
        }
    }

    public static bool TryRead(ref BitReader reader, out SnapshotHeader header)
    {
        header = default;
        reader.Read(8);
        header.Sequence = (ushort)reader.Read(16);
        header.Tick = new Tick(reader.Read(32));
        header.IsSorted = reader.ReadBool();
        bool isHash = reader.ReadBool();
        header.CommonBaselineAge = (int)reader.Read(7);
        header.HasInputs = reader.ReadBool();
        if (header.HasInputs)
        {
            header.InputAck = header.Tick + reader.ReadSigned();
            header.MarginTick = header.Tick + reader.ReadSigned();
            header.MarginParts = reader.ReadSigned();
        }

        header.StarvedAge = reader.ReadBool() ? (int)reader.Read(7) : -1;
        return !reader.Failed && !isHash;
    }
}

/// <summary>What one entity record does. Frozen by a test.</summary>
internal enum RecordOperation
{
    /// <summary>A difference to a state that the client has.</summary>
    Update = 0,

    /// <summary>The whole state: the client need not know the entity.</summary>
    Full = 1,

    /// <summary>The entity has left the client's interest; it lives on.</summary>
    Hide = 2,

    /// <summary>The entity is gone.</summary>
    Despawn = 3,
}
