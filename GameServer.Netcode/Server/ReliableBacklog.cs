using System.Buffers.Binary;

namespace GameServer.Netcode.Server;

/// <summary>Reliable messages of one session that found no room in the outbound ring: kept in order; only chat is ever dropped.</summary>
/// <remarks>Owner: simulation thread. Allocates: only at start. Overflow ends the session.</remarks>
internal sealed class ReliableBacklog
{
    public const int Capacity = 16 * 1024;

    /// <summary>What chat may take of it.</summary>
    public const int ChatCapacity = Capacity / 4;

    private const int HeaderBytes = 4;

    /// <summary>Set in the length of a line of chat.</summary>
    private const int ChatFlag = 1 << 30;

    private readonly byte[] _bytes = new byte[Capacity];
    private int _start;
    private int _end;

    public bool IsEmpty => _start == _end;

    /// <summary>Bytes of chat that wait, with what they take beside.</summary>
    public int ChatBytes { get; private set; }

    /// <summary>True when the first message is chat.</summary>
    public bool IsChatFirst => (BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(_start)) & ChatFlag) != 0;

    public void Clear()
    {
        _start = _end = 0;
        ChatBytes = 0;
    }

    public bool TryAdd(ReadOnlySpan<byte> message) => TryAdd(message, flag: 0);

    /// <summary>Adds a line of chat; false when chat has its share already.</summary>
    public bool TryAddChat(ReadOnlySpan<byte> message)
    {
        int bytes = HeaderBytes + message.Length;
        if (ChatBytes + bytes > ChatCapacity || !TryAdd(message, ChatFlag))
        {
            return false;
        }

        ChatBytes += bytes;
        return true;
    }

    public ReadOnlySpan<byte> Peek() =>
        _bytes.AsSpan(_start + HeaderBytes, BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(_start)) & ~ChatFlag);

    public void RemoveFirst()
    {
        int bytes = HeaderBytes + Peek().Length;
        ChatBytes -= IsChatFirst ? bytes : 0;
        _start += bytes;
        if (_start == _end)
        {
            Clear();
        }
    }

    private bool TryAdd(ReadOnlySpan<byte> message, int flag)
    {
        if (_end + HeaderBytes + message.Length > Capacity)
        {
            _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
            _end -= _start;
            _start = 0;
            if (_end + HeaderBytes + message.Length > Capacity)
            {
                return false;
            }
        }

        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_end), message.Length | flag);
        message.CopyTo(_bytes.AsSpan(_end + HeaderBytes));
        _end += HeaderBytes + message.Length;
        return true;
    }
}
