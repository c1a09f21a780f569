using System.Runtime.CompilerServices;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Game;

/// <summary>Which slots of a world are alive: one bit each, so that walking over a mostly empty world touches little memory.</summary>
/// <remarks>Owner: simulation thread.</remarks>
internal sealed class SlotSet
{
    private readonly ulong[] _words;

    public SlotSet(int slots) => _words = new ulong[(slots >> 6) + 1];

    public void Add(int slot) => _words[slot >> 6] |= 1UL << (slot & 63);

    public void Remove(int slot) => _words[slot >> 6] &= ~(1UL << (slot & 63));

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
}
