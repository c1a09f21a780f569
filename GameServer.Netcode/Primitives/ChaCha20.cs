using System.Runtime.CompilerServices;

namespace GameServer.Netcode.Primitives;

/// <summary>The block function of ChaCha20 (RFC 8439): from a key, a counter and a nonce to 64 bytes that look random to all without the key.</summary>
/// <remarks>Whole numbers only, so the same on every platform. Allocates: no.</remarks>
internal static class ChaCha20
{
    /// <summary>32-bit words of a block.</summary>
    public const int BlockWords = 16;

    private const int KeyWords = 8;
    private const int NonceWords = 3;

    /// <summary>Computes one block.</summary>
    /// <param name="key">Eight words.</param>
    /// <param name="counter">Number of the block.</param>
    /// <param name="nonce">Three words; fewer are filled up with zeros.</param>
    /// <param name="block">Takes sixteen words.</param>
    public static void Block(ReadOnlySpan<uint> key, uint counter, ReadOnlySpan<uint> nonce, Span<uint> block)
    {
        Span<uint> start = stackalloc uint[BlockWords];
        start.Clear();
        (start[0], start[1], start[2], start[3]) = (0x61707865, 0x3320646E, 0x79622D32, 0x6B206574); // "expand 32-byte k"
        key[..KeyWords].CopyTo(start[4..]);
        start[12] = counter;
        nonce[..Math.Min(nonce.Length, NonceWords)].CopyTo(start[13..]);
        start.CopyTo(block);
        for (int round = 0; round < 10; round++)
        {
            Quarter(block, 0, 4, 8, 12);
            Quarter(block, 1, 5, 9, 13);
            Quarter(block, 2, 6, 10, 14);
            Quarter(block, 3, 7, 11, 15);
            Quarter(block, 0, 5, 10, 15);
            Quarter(block, 1, 6, 11, 12);
            Quarter(block, 2, 7, 8, 13);
            Quarter(block, 3, 4, 9, 14);
        }

        for (int i = 0; i < BlockWords; i++)
        {
            block[i] += start[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarter(Span<uint> x, int a, int b, int c, int d)
    {
        x[a] += x[b];
        x[d] = Rotate(x[d] ^ x[a], 16);
        x[c] += x[d];
        x[b] = Rotate(x[b] ^ x[c], 12);
        x[a] += x[b];
        x[d] = Rotate(x[d] ^ x[a], 8);
        x[c] += x[d];
        x[b] = Rotate(x[b] ^ x[c], 7);
    }

    private static uint Rotate(uint value, int bits) => (value << bits) | (value >> (32 - bits));
}
