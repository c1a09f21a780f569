using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Transport.Linux;

/// <summary>Has the kernel drop datagrams that neither line of the LiteNetLib protocol ever sends, before they take room in the receive buffer.</summary>
/// <remarks>
/// It judges only what both lines agree on, so what passes is not yet valid (protocol notes §3, §4.7). By the low five bits of byte 0:
/// <code>
///   0, 8–18  at least 1 byte           5  at least 11 (2.x pong), from 34 the shape of a connect request (1.x)
///   1        4, fragmented 10          6  at least 15 (1.x accept), from 34 the shape of a connect request (2.x)
///   2        4                         7  at least 9
///   3, 4     3                        31  sealed, any      19–30  never
/// </code>
/// A connect request has a protocol id below 256 and an address of 16 or, when it is long enough, 28 bytes.
/// </remarks>
internal static unsafe class LiteNetFilter
{
    private const int Payload = 8; // the program sees the UDP header first
    private const int RequestBytesMin = 34;
    private const int RequestBytesMinIPv6 = 46;
    private const string Keep = "keep";
    private const string Drop = "drop";

    /// <summary>Attaches the filter; what is already in the receive buffer stays.</summary>
    public static SocketFilterState Attach(int socket)
    {
        BpfInstruction[] code = Build();
        fixed (BpfInstruction* first = code)
        {
            var header = new BpfProgramHeader { Count = (ushort)code.Length, First = first };
            int result = Libc.SetOption(socket, Libc.LevelSocket, Libc.AttachFilter, &header, (uint)sizeof(BpfProgramHeader));
            return result == 0 ? SocketFilterState.Attached : SocketFilterState.Refused;
        }
    }

    private static BpfInstruction[] Build() => new BpfProgram()
        .LoadLength()
        .IfAtLeast(Bytes(Limits.DatagramBytesMax + 1), Drop)
        .IfAtLeast(Bytes(1), BpfProgram.Next, Drop)
        .Keep() // X is the length from here on
        .LoadByte(Payload)
        .And(0x1F)
        .IfEqual(0, Keep)
        .IfEqual(1, "channeled")
        .IfEqual(2, "4 bytes")
        .IfEqual(3, "3 bytes")
        .IfEqual(4, "3 bytes")
        .IfEqual(5, "request or 11 bytes")
        .IfEqual(6, "request or 15 bytes")
        .IfEqual(7, "9 bytes")
        .IfEqual(31, Keep)
        .IfAtLeast(19, Drop, Keep)
        .Label("channeled").LoadByte(Payload).IfAnyBit(0x80, "10 bytes", "4 bytes")
        .Label("3 bytes").Recall().IfAtLeast(Bytes(3), Keep, Drop)
        .Label("4 bytes").Recall().IfAtLeast(Bytes(4), Keep, Drop)
        .Label("9 bytes").Recall().IfAtLeast(Bytes(9), Keep, Drop)
        .Label("10 bytes").Recall().IfAtLeast(Bytes(10), Keep, Drop)
        .Label("request or 11 bytes").Recall().IfAtLeast(Bytes(RequestBytesMin), "request").IfAtLeast(Bytes(11), Keep, Drop)
        .Label("request or 15 bytes").Recall().IfAtLeast(Bytes(RequestBytesMin), "request").IfAtLeast(Bytes(15), Keep, Drop)
        .Label("request").LoadWord(Payload + 1).IfAnyBit(0x00FFFFFF, Drop) // the upper bytes of a little-endian id
        .LoadByte(Payload + 17).IfEqual(16, Keep).IfEqual(28, BpfProgram.Next, Drop)
        .Recall().IfAtLeast(Bytes(RequestBytesMinIPv6), Keep, Drop)
        .Label(Drop).Return(0)
        .Label(Keep).Return(uint.MaxValue)
        .Build();

    private static uint Bytes(int payloadBytes) => (uint)(payloadBytes + Payload);
}
