namespace GameServer.Netcode.Transport;

/// <summary>The connect data of requests that were accepted, until their addresses have answered.</summary>
/// <remarks>
/// Nothing depends on it but the data itself: a connection whose data gave way to newer ones begins with none. The oldest bytes give way.
/// Owner: one thread. Allocates: no, after construction.
/// </remarks>
internal sealed class RequestStash
{
    private const int Ways = 4;

    private struct Entry
    {
        public ulong Key;
        public long Start; // in all bytes ever written
        public int Length;
        public int RemoteId;
    }

    private readonly Entry[] _entries;
    private readonly byte[] _bytes;
    private readonly int _setMask;
    private long _end;

    /// <summary>A stash of that many bytes, a power of two.</summary>
    public RequestStash(int bytes)
    {
        _bytes = new byte[bytes];
        int sets = Math.Max(1, bytes / 128 / Ways);
        _setMask = sets - 1;
        _entries = new Entry[sets * Ways];
    }

    /// <summary>Keeps the data of a request; returns false when data that may still be wanted gave way.</summary>
    public bool Add(ulong key, int remoteId, ReadOnlySpan<byte> connect)
    {
        ref Entry entry = ref Choose(key);
        bool displaces = entry.Key != key && IsKept(entry);
        int offset = (int)(_end & (_bytes.Length - 1));
        if (offset + connect.Length > _bytes.Length)
        {
            _end += _bytes.Length - offset; // data lie in one piece
            offset = 0;
        }

        connect.CopyTo(_bytes.AsSpan(offset));
        entry = new Entry { Key = key, Start = _end, Length = connect.Length, RemoteId = remoteId };
        _end += connect.Length + 1; // an entry without data grows old, too
        return !displaces;
    }

    /// <summary>The data of a request; valid until the next <see cref="Add"/>.</summary>
    public bool TryTake(ulong key, out int remoteId, out ReadOnlySpan<byte> connect)
    {
        int first = ((int)key & _setMask) * Ways;
        for (int i = first; i < first + Ways; i++)
        {
            ref Entry entry = ref _entries[i];
            if (entry.Key == key && IsKept(entry))
            {
                remoteId = entry.RemoteId;
                connect = _bytes.AsSpan((int)(entry.Start & (_bytes.Length - 1)), entry.Length);
                entry = default;
                return true;
            }
        }

        remoteId = 0;
        connect = default;
        return false;
    }

    private bool IsKept(in Entry entry) => entry.Key != 0 && _end - entry.Start <= _bytes.Length;

    private ref Entry Choose(ulong key)
    {
        int first = ((int)key & _setMask) * Ways;
        int oldest = first;
        for (int i = first; i < first + Ways; i++)
        {
            if (_entries[i].Key == key)
            {
                return ref _entries[i];
            }

            oldest = _entries[i].Start < _entries[oldest].Start ? i : oldest;
        }

        return ref _entries[oldest];
    }
}
