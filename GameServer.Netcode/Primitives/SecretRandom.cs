using System.Diagnostics;
using System.Security.Cryptography;

namespace GameServer.Netcode.Primitives;

/// <summary>Chance that nobody can foretell, whatever he has seen of it: for cards, loot, and where a player comes back.</summary>
/// <remarks>
/// ChaCha20 (RFC 8439) with fast key erasure: each block gives the next key and eight numbers, so that not even the generator's own state tells
/// what it has given before. The same key gives the same numbers on every platform. Owner: one thread. Allocates: only at start.
/// </remarks>
public sealed class SecretRandom
{
    /// <summary>Bytes of a key.</summary>
    public const int KeyBytes = 32;

    private const int KeyWords = KeyBytes / 4;
    private const uint SecretLabel = 2;

    private readonly uint[] _key = new uint[KeyWords];
    private readonly uint[] _block = new uint[2 * KeyWords];
    private int _next = 2 * KeyWords;

    /// <summary>A generator with a key from the system's source of chance.</summary>
    public SecretRandom()
    {
        Span<byte> key = stackalloc byte[KeyBytes];
        RandomNumberGenerator.Fill(key);
        Start(key);
    }

    /// <summary>The generator of a key, for runs that have to repeat.</summary>
    /// <exception cref="ArgumentException">The key does not have <see cref="KeyBytes"/> bytes.</exception>
    public SecretRandom(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeyBytes)
        {
            throw new ArgumentException($"a key of {key.Length} bytes; {KeyBytes} are needed", nameof(key));
        }

        Start(key);
    }

    /// <summary>The generator of a seed, for runs that have to repeat: secret only as far as the seed is.</summary>
    internal static SecretRandom Of(ulong seed) => new(Derive(seed, SecretLabel));

    /// <summary>32 bytes that depend on seed and label, and from which nobody computes the seed; who guesses a short one has it, though.</summary>
    internal static byte[] Derive(ulong seed, uint label)
    {
        Span<uint> key = stackalloc uint[KeyWords];
        Span<uint> block = stackalloc uint[ChaCha20.BlockWords];
        key.Clear();
        key[0] = (uint)seed;
        key[1] = (uint)(seed >> 32);
        ChaCha20.Block(key, label, default, block);
        return System.Runtime.InteropServices.MemoryMarshal.AsBytes(block)[..KeyBytes].ToArray();
    }

    /// <summary>Numbers of 32 bits drawn since the start.</summary>
    internal ulong Drawn { get; private set; }

    /// <summary>32 random bits.</summary>
    public uint NextUInt()
    {
        if (_next == _block.Length)
        {
            ChaCha20.Block(_key, counter: 0, default, _block);
            Array.Copy(_block, _key, KeyWords);
            Array.Clear(_block, 0, KeyWords);
            _next = KeyWords;
        }

        uint number = _block[_next];
        _block[_next++] = 0;
        Drawn++;
        return number;
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

    /// <summary>Brings items into an order in which each is equally likely: a deck of cards.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int last = items.Length - 1; last > 0; last--)
        {
            int other = NextInt(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    private void Start(ReadOnlySpan<byte> key)
    {
        for (int i = 0; i < KeyWords; i++)
        {
            _key[i] = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(key[(i * 4)..]);
        }
    }

    // Products that would favour some numbers are drawn again (Lemire 2019), as DeterministicRandom does.
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
