namespace GameServer.Netcode.Transport;

/// <summary>SipHash-1-3 of a few words under a secret key: table hashes that nobody can aim at, and numbers that nobody can guess.</summary>
/// <remarks>Owner: one thread. Allocates: no.</remarks>
internal sealed class KeyedHash
{
    private readonly ulong _key0;
    private readonly ulong _key1;
    private ulong _counter;

    public KeyedHash(ulong seed)
    {
        _key0 = Spread(seed);
        _key1 = Spread(_key0 ^ seed);
    }

    /// <summary>Hash of an address with its port.</summary>
    public ulong Of(in PeerAddress address) => Of(address.High, address.Low, ((ulong)address.Scope << 16) | address.Port);

    /// <summary>Hash of three words.</summary>
    public ulong Of(ulong a, ulong b, ulong c)
    {
        ulong v0 = _key0 ^ 0x736F6D6570736575, v1 = _key1 ^ 0x646F72616E646F6D;
        ulong v2 = _key0 ^ 0x6C7967656E657261, v3 = _key1 ^ 0x7465646279746573;
        Word(ref v0, ref v1, ref v2, ref v3, a);
        Word(ref v0, ref v1, ref v2, ref v3, b);
        Word(ref v0, ref v1, ref v2, ref v3, c);
        v2 ^= 0xFF;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        return v0 ^ v1 ^ v2 ^ v3;
    }

    /// <summary>A number from 0 to <paramref name="bound"/> − 1 that an observer of earlier ones cannot predict.</summary>
    public int NextBelow(int bound) => (int)(NextWord() % (ulong)bound);

    /// <summary>64 bits that an observer of earlier ones cannot predict.</summary>
    public ulong NextWord() => Of(_counter++, 0, ulong.MaxValue);

    private static void Word(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3, ulong word)
    {
        v3 ^= word;
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= word;
    }

    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = Rotate(v1, 13) ^ v0;
        v0 = Rotate(v0, 32);
        v2 += v3;
        v3 = Rotate(v3, 16) ^ v2;
        v0 += v3;
        v3 = Rotate(v3, 21) ^ v0;
        v2 += v1;
        v1 = Rotate(v1, 17) ^ v2;
        v2 = Rotate(v2, 32);
    }

    private static ulong Rotate(ulong value, int count) => (value << count) | (value >> (64 - count));

    private static ulong Spread(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
