using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Server;

/// <summary>What a record in a <see cref="DelayLine"/> is about.</summary>
internal enum DelayedKind : byte
{
    /// <summary>An entity as it is now: slot, meta, component.</summary>
    State = 1,

    /// <summary>An entity is gone: slot.</summary>
    Removed = 2,

    /// <summary>An event: entry, row.</summary>
    Event = 3,

    /// <summary>A reliable message.</summary>
    Message = 4,
}

/// <summary>A queue of records with the tick of each.</summary>
/// <remarks>Grows to what its longest delay needs, up to <see cref="Limits.DelayedBytesMax"/>. Owner: simulation thread. Allocates: when it grows.</remarks>
internal sealed class DelayLine
{
    private const int HeaderBytes = 12;

    private byte[] _bytes = new byte[64 * 1024];
    private int _first;
    private int _used;

    /// <summary>Bytes that wait.</summary>
    public int UsedBytes => _used;

    public void Clear() => _first = _used = 0;

    /// <summary>Room for a record, to be filled at once; false when the line is as long as it may be.</summary>
    public bool TryAdd(Tick tick, DelayedKind kind, int sizeBytes, out Span<byte> payload)
    {
        int bytes = HeaderBytes + sizeBytes;
        payload = default;
        if (_first + _used + bytes > _bytes.Length && !TryMakeRoom(bytes))
        {
            return false;
        }

        Span<byte> record = _bytes.AsSpan(_first + _used, bytes);
        Unsafe.WriteUnaligned(ref record[0], tick.Value);
        Unsafe.WriteUnaligned(ref record[4], sizeBytes);
        record[8] = (byte)kind;
        payload = record.Slice(HeaderBytes);
        _used += bytes;
        return true;
    }

    /// <summary>The oldest record, if it is not newer than a tick; it stays until <see cref="RemoveFirst"/>.</summary>
    public bool TryPeek(Tick until, out DelayedKind kind, out ReadOnlySpan<byte> payload)
    {
        kind = default;
        payload = default;
        if (_used == 0)
        {
            return false;
        }

        ReadOnlySpan<byte> record = _bytes.AsSpan(_first, _used);
        if (new Tick(MemoryMarshal.Read<uint>(record)) > until)
        {
            return false;
        }

        kind = (DelayedKind)record[8];
        payload = record.Slice(HeaderBytes, MemoryMarshal.Read<int>(record.Slice(4)));
        return true;
    }

    public void RemoveFirst()
    {
        int bytes = HeaderBytes + MemoryMarshal.Read<int>(_bytes.AsSpan(_first + 4));
        _first += bytes;
        _used -= bytes;
    }

    // Moved to the front while at least half of it is free, so that each byte is moved at most once for each byte added; else doubled.
    private bool TryMakeRoom(int bytes)
    {
        long needed = (long)_used + bytes;
        byte[] to = _bytes;
        if (needed > _bytes.Length / 2)
        {
            if (needed * 2 > Limits.DelayedBytesMax)
            {
                return false;
            }

            to = new byte[Math.Max(_bytes.Length * 2, (int)needed * 2)];
        }

        _bytes.AsSpan(_first, _used).CopyTo(to);
        _bytes = to;
        _first = 0;
        return true;
    }
}
