using System.Diagnostics;

namespace GameServer.Netcode.Primitives;

/// <summary>Chance for a simulation: the same seed and stream give the same numbers on every platform.</summary>
/// <remarks>
/// PCG-XSH-RR 64/32 (O'Neill 2014). A plain struct of two words, so that it can be a field of game state: snapshots, replays and
/// re-simulation then carry it. Copies continue independently. The default is stream 0 without a seed. Allocates: no.
/// </remarks>
public struct DeterministicRandom
{
    /// <summary>The position in the stream.</summary>
    public ulong State;

    /// <summary>Which of 2^63 independent streams; the highest bit does not count.</summary>
    public ulong Stream;

    private const ulong Multiplier = 6364136223846793005;

    /// <summary>The generator of this seed and stream.</summary>
    public static DeterministicRandom From(ulong seed, ulong stream)
    {
        var random = new DeterministicRandom { State = 0, Stream = stream };
        random.NextUInt();
        random.State += seed;
        random.NextUInt();
        return random;
    }

    /// <summary>The generator of this seed for a pair of numbers, as a tick and an entity.</summary>
    public static DeterministicRandom From(ulong seed, ulong stream, ulong substream) =>
        From(seed, StateHash.Append(StateHash.Append(StateHash.Start, stream), substream));

    /// <summary>32 random bits.</summary>
    public uint NextUInt()
    {
        ulong old = State;
        State = (old * Multiplier) + ((Stream << 1) | 1);
        uint shifted = (uint)(((old >> 18) ^ old) >> 27);
        int rotation = (int)(old >> 59);
        return (shifted >> rotation) | (shifted << (-rotation & 31));
    }

    /// <summary>A number from 0 to <paramref name="exclusiveMax"/> − 1, each equally likely.</summary>
    /// <param name="exclusiveMax">At least 1.</param>
    public int NextInt(int exclusiveMax)
    {
        Debug.Assert(exclusiveMax > 0, "at least one number to choose from");
        return (int)NextBelow((uint)exclusiveMax);
    }

    /// <summary>A number from <paramref name="min"/> to <paramref name="exclusiveMax"/> − 1, each equally likely.</summary>
    public int NextInt(int min, int exclusiveMax)
    {
        Debug.Assert(min < exclusiveMax, "at least one number to choose from");
        return (int)((uint)min + NextBelow((uint)exclusiveMax - (uint)min));
    }

    /// <summary>A number from 0 up to but not including 1, a multiple of 2^-24.</summary>
    public float NextFloat() => (NextUInt() >> 8) * (1f / (1 << 24));

    /// <summary>A number from <paramref name="min"/> to <paramref name="max"/>, which it reaches by rounding only.</summary>
    public float NextFloat(float min, float max) => (float)(min + (((double)max - min) * NextFloat()));

    /// <summary>True with this chance: 0 never, 1 always.</summary>
    public bool NextBool(float chance) => NextFloat() < chance;

    // The upper half of a product maps 32 bits onto the range; products that would favour some numbers are drawn again (Lemire 2019).
    private uint NextBelow(uint count)
    {
        ulong product = (ulong)NextUInt() * count;
        if ((uint)product < count)
        {
            uint biased = count == 0 ? 0 : (0 - count) % count;
            while ((uint)product < biased)
            {
                product = (ulong)NextUInt() * count;
            }
        }

        return (uint)(product >> 32);
    }
}
