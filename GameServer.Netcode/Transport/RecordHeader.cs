using System.Runtime.InteropServices;

namespace GameServer.Netcode.Transport;

/// <summary>What a record in an inbound or outbound ring says.</summary>
public enum RecordKind : byte
{
    /// <summary>Inbound: a peer is connected and its address validated. Payload: <see cref="ConnectRecord"/>.</summary>
    Connect = 1,

    /// <summary>Inbound: the peer is gone, <see cref="RecordHeader.Detail"/> says why. Outbound: end the peer after what was queued reliably. Payload: disconnect data.</summary>
    Disconnect = 2,

    /// <summary>A payload that may be lost.</summary>
    Unreliable = 3,

    /// <summary>A payload of the reliable ordered channel 0.</summary>
    Reliable = 4,

    /// <summary>Inbound: the largest unreliable payload that the path to this peer carries has changed. Payload: its bytes, a 16-bit number.</summary>
    Path = 5,

    /// <summary>Outbound: a line of chat on the reliable ordered channel 0, dropped when that peer's queue is a quarter full.</summary>
    Chat = 6,

    /// <summary>Inbound, beside the ring: the newest unreliable payload of a peer that has not joined or has used up its budget.</summary>
    Newest = 7,
}

/// <summary>The first 16 bytes of every ring record; the payload follows.</summary>
/// <remarks>Written and read as these raw bytes within one process; never on the wire.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 8, Size = SizeBytes)]
public struct RecordHeader
{
    /// <summary>Bytes of a header.</summary>
    public const int SizeBytes = 16;

    /// <summary>Arrival time in microseconds of the host's monotonic clock (inbound only).</summary>
    public long Micros;

    /// <summary>Generation of the peer's slot, so that a record of an ended peer never reaches its successor.</summary>
    public ushort Generation;

    /// <summary>Slot of the peer in its network thread's endpoint.</summary>
    public ushort Slot;

    /// <summary>What the record is.</summary>
    public RecordKind Kind;

    /// <summary>Which network thread owns the peer.</summary>
    public byte NetworkThread;

    /// <summary>Reason of a disconnect; of a payload from a peer: mean deviation of its round trip in units of <see cref="DeviationUnitMicros"/>, rounded up; else 0.</summary>
    public byte Detail;

    /// <summary>Round trip of the peer in units of <see cref="RoundTripUnitMicros"/>, rounded up; 0: not measured, or outbound.</summary>
    public byte RoundTrip;

    /// <summary>What <see cref="RoundTrip"/> counts.</summary>
    public const long RoundTripUnitMicros = 4000;

    /// <summary>What <see cref="Detail"/> of a payload counts.</summary>
    public const long DeviationUnitMicros = 500;

    /// <summary>A deviation as <see cref="Detail"/> has it; longer ones than it can count are told as its longest.</summary>
    public static byte DeviationOf(long micros) => (byte)Math.Min((micros + DeviationUnitMicros - 1) / DeviationUnitMicros, byte.MaxValue);

    /// <summary>A round trip as <see cref="RoundTrip"/> has it; longer ones than it can count are told as its longest.</summary>
    public static byte RoundTripOf(long micros) => (byte)Math.Min((micros + RoundTripUnitMicros - 1) / RoundTripUnitMicros, byte.MaxValue);
}
