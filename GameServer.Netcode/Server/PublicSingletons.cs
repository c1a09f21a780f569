using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Server;

/// <summary>The singletons as every client has them: what steps read, so that both sides compute with the same bits.</summary>
/// <remarks>Owner: simulation thread. Allocates: only at start.</remarks>
internal sealed class PublicSingletons
{
    private readonly World _world;
    private readonly Entry[] _entries;

    public PublicSingletons(World world)
    {
        _world = world;
        _entries = new Entry[world.Schema.Kinds.Length];
        foreach (KindSchema kind in world.Schema.Kinds)
        {
            if (kind.IsSingleton)
            {
                _entries[kind.Index] = new Entry(kind);
            }
        }
    }

    /// <summary>Takes over what the rules have changed since the tick before.</summary>
    public void Begin(Tick tick)
    {
        foreach (Entry? entry in _entries)
        {
            entry?.Update(ref _world.Component(entry.Kind.FirstSlot), tick);
        }
    }

    /// <summary>A singleton as clients have it once they know of the newest change.</summary>
    public ReadOnlySpan<byte> Read(int kindIndex) => _entries[kindIndex].Value;

    /// <summary>The first tick whose steps read that value.</summary>
    public Tick ReadFrom(int kindIndex) => _entries[kindIndex].From;

    private sealed class Entry
    {
        private int[] _row;
        private int[] _next;
        private bool _isKnown;

        public Entry(KindSchema kind)
        {
            Kind = kind;
            Value = new byte[kind.SizeBytes];
            _row = new int[kind.Seen.Count];
            _next = new int[kind.Seen.Count];
        }

        public KindSchema Kind { get; }

        public byte[] Value { get; }

        public Tick From { get; private set; }

        public void Update(ref byte component, Tick tick)
        {
            Kind.Seen.Capture(ref component, 0, _next);
            if (_isKnown && _next.AsSpan().SequenceEqual(_row))
            {
                return;
            }

            (_row, _next) = (_next, _row);
            _isKnown = true;
            From = tick;
            Kind.Seen.Restore(_row, ref Value[0]);
        }
    }
}
