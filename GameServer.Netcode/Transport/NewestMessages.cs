using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Transport;

/// <summary>
/// A place for each peer in which its newest unreliable message waits for the room, beside the ring and replaced by newer ones.
/// </summary>
/// <remarks>
/// Neither side ever waits: of the three buffers of a place one is the writer's, one the reader's, and the third changes hands in one
/// atomic exchange. Owner: <see cref="Put"/> belongs to the network thread; <see cref="TryBegin"/> and <see cref="TryTake"/> to the room's.
/// Allocates: in the constructor only.
/// </remarks>
internal sealed class NewestMessages
{
    private const int BuffersPerPeer = 3;
    private const int LengthBytes = 8; // keeps the header aligned
    private const int BufferBytes = LengthBytes + RecordHeader.SizeBytes + Limits.KeptMessageBytesMax;
    private const int Full = 4;

    private readonly byte[] _buffers;
    private readonly int[] _between; // the buffer that neither side has, and Full when it holds what the room has not taken
    private readonly byte[] _writers;
    private readonly byte[] _readers;
    private int _puts;
    private int _putsSeen;

    public NewestMessages(int peersMax)
    {
        _buffers = new byte[peersMax * BuffersPerPeer * BufferBytes];
        _between = new int[peersMax];
        _writers = new byte[peersMax];
        _readers = new byte[peersMax];
        for (int slot = 0; slot < peersMax; slot++)
        {
            _writers[slot] = 1;
            _readers[slot] = 2;
        }
    }

    public int PeersMax => _between.Length;

    /// <summary>Puts a message into its peer's place; true when it took the place of one that the room has not taken.</summary>
    public bool Put(in RecordHeader header, ReadOnlySpan<byte> payload)
    {
        int slot = header.Slot;
        Span<byte> buffer = BufferOf(slot, _writers[slot]);
        Unsafe.WriteUnaligned(ref buffer[LengthBytes], header);
        payload.CopyTo(buffer[(LengthBytes + RecordHeader.SizeBytes)..]);
        MemoryMarshal.Cast<byte, int>(buffer)[0] = RecordHeader.SizeBytes + payload.Length;
        int before = Interlocked.Exchange(ref _between[slot], _writers[slot] | Full);
        _writers[slot] = (byte)(before & ~Full);
        Volatile.Write(ref _puts, _puts + 1); // after the exchange: a reader that sees it finds the message
        return (before & Full) != 0;
    }

    /// <summary>Whether anything was put into any place since the last call that returned true.</summary>
    public bool TryBegin()
    {
        int puts = Volatile.Read(ref _puts);
        bool isNew = puts != _putsSeen;
        _putsSeen = puts;
        return isNew;
    }

    /// <summary>
    /// Takes the message of a peer out of its place, as a record of a ring would have it; valid until the next call for this peer.
    /// </summary>
    public bool TryTake(int slot, out ReadOnlySpan<byte> record)
    {
        if ((Volatile.Read(ref _between[slot]) & Full) == 0)
        {
            record = default;
            return false;
        }

        int before = Interlocked.Exchange(ref _between[slot], _readers[slot]);
        _readers[slot] = (byte)(before & ~Full);
        Span<byte> buffer = BufferOf(slot, _readers[slot]);
        record = buffer.Slice(LengthBytes, MemoryMarshal.Cast<byte, int>(buffer)[0]);
        return true;
    }

    private Span<byte> BufferOf(int slot, int number) => _buffers.AsSpan(((slot * BuffersPerPeer) + number) * BufferBytes, BufferBytes);
}
