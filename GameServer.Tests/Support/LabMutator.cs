using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Support;

/// <summary>Damages packets of a corpus: flips, cuts, pads, splices, overwrites, or makes bytes up; the same for the same seed.</summary>
internal sealed class LabMutator(ulong seed)
{
    private DeterministicRandom _random = DeterministicRandom.From(seed, 4);

    public ReadOnlySpan<byte> Mutate(byte[][] corpus, byte[] scratch)
    {
        byte[] source = corpus[_random.NextInt(corpus.Length)];
        int length = Math.Min(source.Length, scratch.Length);
        source.AsSpan(0, length).CopyTo(scratch);
        for (int rounds = 1 + _random.NextInt(3); rounds > 0; rounds--)
        {
            length = Mutate(corpus, scratch, length);
        }

        return scratch.AsSpan(0, length);
    }

    private int Mutate(byte[][] corpus, byte[] scratch, int length)
    {
        switch (_random.NextInt(8))
        {
            case 0 or 1 or 2 when length > 0:
                scratch[_random.NextInt(length)] ^= (byte)(1 << _random.NextInt(8));
                return length;
            case 3:
                return _random.NextInt(length + 1);
            case 4:
                int padded = Math.Min(scratch.Length, length + 1 + _random.NextInt(8));
                Fill(scratch.AsSpan(length, padded - length));
                return padded;
            case 5 when length > 0:
                scratch[_random.NextInt(length)] = (byte)_random.NextUInt();
                return length;
            case 6:
                byte[] other = corpus[_random.NextInt(corpus.Length)];
                int from = _random.NextInt(Math.Min(length, other.Length) + 1);
                int end = Math.Min(other.Length, scratch.Length);
                other.AsSpan(from, end - from).CopyTo(scratch.AsSpan(from));
                return end;
            default:
                // The first bytes stay: else most damage ends at the first check.
                Fill(scratch.AsSpan(Math.Min(length, 8), Math.Max(0, length - 8)));
                return length;
        }
    }

    private void Fill(Span<byte> bytes)
    {
        foreach (ref byte b in bytes)
        {
            b = (byte)_random.NextUInt();
        }
    }
}
