using System.Buffers.Binary;

namespace GameServer.Netcode.Primitives;

/// <summary>A 64-bit hash that is the same on every platform, to compare simulated states and name schemas. Not for secrets.</summary>
/// <remarks>
/// Each 8-byte word, least significant byte first: hash = (hash XOR word) × 0x9E3779B97F4A7C15, then hash = hash XOR (hash ÷ 2^32). A
/// span is its whole words, its rest padded with zero bytes when there is one, and its length as a word, so that the hash depends on where
/// one span ends and the next begins. Frozen by a test, because hashes leave the process in replays. Allocates: no.
/// </remarks>
public static class StateHash
{
    /// <summary>The hash of nothing, to append to.</summary>
    public const ulong Start = 0xCBF2_9CE4_8422_2325;

    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;

    /// <summary>The hash of these bytes.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes) => Append(Start, bytes);

    /// <summary>The hash of what <paramref name="hash"/> stands for, followed by these bytes.</summary>
    public static ulong Append(ulong hash, ReadOnlySpan<byte> bytes)
    {
        int length = bytes.Length;
        while (bytes.Length >= 8)
        {
            hash = Append(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes.Slice(8);
        }

        if (bytes.Length > 0)
        {
            ulong rest = 0;
            for (int i = bytes.Length - 1; i >= 0; i--)
            {
                rest = (rest << 8) | bytes[i];
            }

            hash = Append(hash, rest);
        }

        return Append(hash, (ulong)length);
    }

    /// <summary>The hash of what <paramref name="hash"/> stands for, followed by this word.</summary>
    public static ulong Append(ulong hash, ulong word)
    {
        hash = (hash ^ word) * Multiplier;
        return hash ^ (hash >> 32);
    }
}
