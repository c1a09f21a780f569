using System.Runtime.CompilerServices;
#if NET
using System.Numerics;
#endif

namespace GameServer.Netcode.Primitives;

/// <summary>Bit counts and scans: one processor instruction each on net10.0, a few on netstandard2.1, which has none of its own.</summary>
internal static class BitMath
{
    /// <summary>Position of the highest set bit; 0 for 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Log2(ulong value)
    {
#if NET
        return BitOperations.Log2(value);
#else
        int log = 0;
        for (int step = 32; step > 0; step >>= 1)
        {
            if (value >> step != 0)
            {
                value >>= step;
                log += step;
            }
        }

        return log;
#endif
    }

    /// <summary>Position of the lowest set bit; 64 for 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TrailingZeroCount(ulong value)
    {
#if NET
        return BitOperations.TrailingZeroCount(value);
#else
        return value == 0 ? 64 : Log2(value & (~value + 1));
#endif
    }

    /// <summary>Number of set bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PopCount(ulong value)
    {
#if NET
        return BitOperations.PopCount(value);
#else
        value -= (value >> 1) & 0x5555_5555_5555_5555;
        value = (value & 0x3333_3333_3333_3333) + ((value >> 2) & 0x3333_3333_3333_3333);
        value = (value + (value >> 4)) & 0x0F0F_0F0F_0F0F_0F0F;
        return (int)((value * 0x0101_0101_0101_0101) >> 56);
#endif
    }

    /// <summary>Bits needed to write every number from 0 to <paramref name="max"/>.</summary>
    public static int BitsFor(uint max) => max == 0 ? 0 : Log2(max) + 1;

    /// <summary>True for 1, 2, 4, 8, …</summary>
    public static bool IsPowerOfTwo(int value) => value > 0 && (value & (value - 1)) == 0;
}
