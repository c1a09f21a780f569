using System.Runtime.CompilerServices;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Game;

/// <summary>A set of slots: one bit each, so that walking over few of many touches little memory, and in order.</summary>
/// <remarks>Owner: simulation thread. A slot may be taken out or put in while the set is walked over; what is put in further on may be missed.</remarks>
internal sealed class SlotSet
{
    private readonly ulong[] _words;

    public SlotSet(int slots) => _words = new ulong[(slots >> 6) + 1];

    /// <summary>The bits, 64 slots in each word, lowest first.</summary>
    public Span<ulong> Words => _words;

    public bool this[int slot] => (_words[slot >> 6] & (1UL << (slot & 63))) != 0;

    public void Add(int slot) => _words[slot >> 6] |= 1UL << (slot & 63);

    public void Remove(int slot) => _words[slot >> 6] &= ~(1UL << (slot & 63));

    public void Clear() => _words.AsSpan().Clear();

    /// <summary>The first slot of the set from <paramref name="slot"/> on, or <paramref name="end"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int NextFrom(int slot, int end)
    {
        while (slot < end)
        {
            ulong rest = _words[slot >> 6] >> (slot & 63);
            if (rest != 0)
            {
                return Math.Min(end, slot + BitMath.TrailingZeroCount(rest));
            }

            slot = (slot | 63) + 1;
        }

        return end;
    }

    public Enumerator GetEnumerator() => new(_words);

    /// <summary>Walks over a set in ascending order.</summary>
    public struct Enumerator
    {
        private readonly ulong[] _words;
        private ulong _rest;
        private int _word;

        internal Enumerator(ulong[] words)
        {
            _words = words;
            _rest = words[0];
            _word = 0;
            Current = -1;
        }

        public int Current { get; private set; }

        public bool MoveNext()
        {
            while (_rest == 0)
            {
                if (++_word >= _words.Length)
                {
                    return false;
                }

                _rest = _words[_word];
            }

            Current = (_word << 6) + BitMath.TrailingZeroCount(_rest);
            _rest &= _rest - 1;
            return true;
        }
    }
}
