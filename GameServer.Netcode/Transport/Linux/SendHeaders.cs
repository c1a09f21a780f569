using System.Diagnostics;

namespace GameServer.Netcode.Transport.Linux;

/// <summary>The message headers through which the kernel reads one batch, pointing into its pinned buffers.</summary>
/// <remarks>Owner: the owner of the batch. The arrays are pinned, so the pointers between them hold for the life of this object.</remarks>
internal sealed unsafe class SendHeaders
{
    private readonly MultiMessageHeader[] _messages;
    private readonly BufferDescriptor[] _buffers;
    private readonly SocketAddressBytes[] _names;
    private readonly byte[] _bytes;
    private readonly MultiMessageHeader* _first;

    public SendHeaders(DatagramBatch batch)
    {
        int capacity = batch.Capacity;
        _messages = GC.AllocateArray<MultiMessageHeader>(capacity, pinned: true);
        _buffers = GC.AllocateArray<BufferDescriptor>(capacity, pinned: true);
        _names = GC.AllocateArray<SocketAddressBytes>(capacity, pinned: true);
        _bytes = batch.Bytes;
        fixed (MultiMessageHeader* messages = _messages)
        fixed (BufferDescriptor* buffers = _buffers)
        fixed (SocketAddressBytes* names = _names)
        fixed (byte* bytes = _bytes)
        {
            _first = messages;
            for (int i = 0; i < capacity; i++)
            {
                buffers[i].Start = bytes + (i * DatagramBatch.BufferBytes);
                messages[i].Name = names + i;
                messages[i].Buffers = buffers + i;
                messages[i].BufferCount = 1;
            }
        }
    }

    /// <summary>The first header; as many follow as the batch has buffers.</summary>
    public MultiMessageHeader* First => _first;

    /// <summary>Takes lengths and destinations of a part of <paramref name="batch"/> over into the headers.</summary>
    public void Set(DatagramBatch batch, int start, int count, int family)
    {
        int[] lengths = batch.Lengths;
        PeerAddress[] addresses = batch.Addresses;
        for (int i = start; i < start + count; i++)
        {
            MultiMessageHeader* message = _first + i;
            message->NameLength = message->Name->Set(in addresses[i], family);

            // The kernel reads as far as it is told, so a wrong length must not reach it.
            Debug.Assert((uint)lengths[i] <= DatagramBatch.BufferBytes);
            message->Buffers->Length = Math.Min((uint)lengths[i], DatagramBatch.BufferBytes);
        }
    }
}
