using System.Runtime.CompilerServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

/// <summary>The part of records that is the same for every client with the same baseline: written once in a tick, copied for the others.</summary>
/// <remarks>
/// It is found by slot and tick of the baseline; what does not fit is simply written again. Owner: simulation thread. Allocates: only at start.
/// </remarks>
internal sealed class SharedRecords
{
    /// <summary>Baselines of one slot that are told apart: the clients' acknowledgements lie this many ticks apart at most, or share a place.</summary>
    private const int Baselines = 8;

    private const int CapacityBytes = 256 * 1024;

    private readonly Entry[] _entries;
    private readonly byte[] _bytes = new byte[CapacityBytes];
    private Tick _now;
    private bool _hasNow;
    private uint _round;
    private int _used;

    public SharedRecords(int slots) => _entries = new Entry[slots * Baselines];

    private struct Entry
    {
        public uint Round;
        public Tick Baseline;
        public int Start;
        public int Bits;
    }

    /// <summary>Begins a tick when it is another than before: what was written for the old one is forgotten.</summary>
    public void Begin(Tick now)
    {
        if (!_hasNow || now != _now)
        {
            _hasNow = true;
            _now = now;
            _used = 0;
            if (++_round == 0)
            {
                _entries.AsSpan().Clear();
                _round = 1;
            }
        }
    }

    /// <summary>The shared part, if it was written in this tick.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(int slot, Tick baseline, out ReadOnlySpan<byte> source, out int bits)
    {
        ref Entry entry = ref EntryOf(slot, baseline);
        if (entry.Round != _round || entry.Baseline != baseline)
        {
            source = default;
            bits = 0;
            return false;
        }

        source = _bytes.AsSpan(entry.Start);
        bits = entry.Bits;
        return true;
    }

    /// <summary>Writes the shared part and keeps it for the next client.</summary>
    public void Write(ref BitWriter writer, int slot, Tick baseline, KindSchema kind, in SampleSpan span, ReadOnlySpan<int> from, ReadOnlySpan<int> row)
    {
        var own = new BitWriter(_bytes.AsSpan(_used, _bytes.Length - _used - sizeof(uint))); // a copy reads whole words
        SnapshotWriter.WriteSeen(ref own, kind, in span, from, row);
        if (own.Overflowed)
        {
            SnapshotWriter.WriteSeen(ref writer, kind, in span, from, row);
            return;
        }

        ref Entry entry = ref EntryOf(slot, baseline);
        entry = new Entry { Round = _round, Baseline = baseline, Start = _used, Bits = own.BitCount };
        _used += own.Finish();
        writer.WriteBits(_bytes.AsSpan(entry.Start), entry.Bits);
    }

    private ref Entry EntryOf(int slot, Tick baseline) => ref _entries[(slot * Baselines) + (int)(baseline.Value & (Baselines - 1))];
}
