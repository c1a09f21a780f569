using System.Buffers.Binary;

namespace GameServer.Netcode.Server;

/// <summary>Reliable messages of one session that found no room in the outbound ring: kept in order, never dropped.</summary>
/// <remarks>Owner: simulation thread. Allocates: only at start. Overflow ends the session.</remarks>
internal sealed class ReliableBacklog
{
    public const int Capacity = 16 * 1024;

    private readonly byte[] _bytes = new byte[Capacity];
    private int _start;
    private int _end;

    public bool IsEmpty => _start == _end;

    public void Clear() => _start = _end = 0;

    public bool TryAdd(ReadOnlySpan<byte> message)
    {
        if (_end + 4 + message.Length > Capacity)
        {
            _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
            _end -= _start;
            _start = 0;
            if (_end + 4 + message.Length > Capacity)
            {
                return false;
            }
        }

        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_end), message.Length);
        message.CopyTo(_bytes.AsSpan(_end + 4));
        _end += 4 + message.Length;
        return true;
    }

    public ReadOnlySpan<byte> Peek() => _bytes.AsSpan(_start + 4, BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(_start)));

    public void RemoveFirst()
    {
        _start += 4 + Peek().Length;
        if (_start == _end)
        {
            Clear();
        }
    }
}
