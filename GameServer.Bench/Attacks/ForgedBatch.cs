using System.Buffers.Binary;
using GameServer.Netcode.Transport;
using GameServer.Netcode.Transport.Linux;

namespace GameServer.Bench.Attacks;

/// <summary>Datagrams with their IP and UDP headers, as the kernel takes them in one system call.</summary>
/// <remarks>The arrays are pinned, so the pointers between them hold for the life of this object.</remarks>
internal sealed unsafe class ForgedBatch
{
    private const int HeaderBytes = 28;
    private const int SlotBytes = HeaderBytes + 1472;

    private readonly byte[] _bytes;
    private readonly MultiMessageHeader[] _messages;
    private readonly BufferDescriptor[] _buffers;
    private readonly SocketAddressBytes[] _names = GC.AllocateArray<SocketAddressBytes>(1, pinned: true);

    public ForgedBatch(PeerAddress target, int count)
    {
        Count = count;
        _bytes = GC.AllocateArray<byte>(count * SlotBytes, pinned: true);
        _messages = GC.AllocateArray<MultiMessageHeader>(count, pinned: true);
        _buffers = GC.AllocateArray<BufferDescriptor>(count, pinned: true);
        uint length = _names[0].Set(PeerAddress.From(new System.Net.IPEndPoint(target.ToEndPoint().Address, 0)), Libc.AddressFamilyIPv4);
        fixed (byte* bytes = _bytes)
        fixed (MultiMessageHeader* messages = _messages)
        fixed (BufferDescriptor* buffers = _buffers)
        fixed (SocketAddressBytes* names = _names)
        {
            First = messages;
            for (int i = 0; i < count; i++)
            {
                buffers[i].Start = bytes + (i * SlotBytes);
                messages[i].Name = names;
                messages[i].NameLength = length;
                messages[i].Buffers = buffers + i;
                messages[i].BufferCount = 1;
                Span<byte> header = _bytes.AsSpan(i * SlotBytes, HeaderBytes);
                header[0] = 0x45;
                header[8] = 64;
                header[9] = 17;
                BinaryPrimitives.WriteUInt32LittleEndian(header[16..], (uint)(target.Low >> 32));
                BinaryPrimitives.WriteUInt16BigEndian(header[22..], target.Port);
            }
        }
    }

    public int Count { get; }

    public MultiMessageHeader* First { get; }

    /// <summary>Room for the payload of one datagram; <see cref="Set(int, PeerAddress, int)"/> says how much of it counts.</summary>
    public Span<byte> Payload(int index) => _bytes.AsSpan((index * SlotBytes) + HeaderBytes, SlotBytes - HeaderBytes);

    public void Set(int index, PeerAddress source, ReadOnlySpan<byte> payload)
    {
        payload.CopyTo(Payload(index));
        Set(index, source, payload.Length);
    }

    public void Set(int index, PeerAddress source, int payloadBytes)
    {
        Span<byte> header = _bytes.AsSpan(index * SlotBytes, HeaderBytes);
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)(HeaderBytes + payloadBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], (uint)(source.Low >> 32));
        BinaryPrimitives.WriteUInt16BigEndian(header[20..], source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(header[24..], (ushort)(8 + payloadBytes));
        _buffers[index].Length = (nuint)(HeaderBytes + payloadBytes);
    }
}
