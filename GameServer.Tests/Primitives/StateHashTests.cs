using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Primitives;

/// <summary>The hash at the lengths where a whole word ends and a rest begins.</summary>
public sealed class StateHashTests
{
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(7)]
    [TestCase(8)]
    [TestCase(9)]
    [TestCase(15)]
    [TestCase(16)]
    [TestCase(17)]
    public void Of_Length_IsItsWordsItsRestAndItsLength(int length)
    {
        byte[] bytes = [.. Enumerable.Range(1, length).Select(static i => (byte)i)];
        ulong expected = StateHash.Start;
        for (int first = 0; first < length; first += 8)
        {
            ulong word = 0;
            for (int i = 0; i < 8 && first + i < length; i++)
            {
                word |= (ulong)bytes[first + i] << (8 * i);
            }

            expected = Mix(expected, word);
        }

        Assert.That(StateHash.Of(bytes), Is.EqualTo(Mix(expected, (ulong)length)));
    }

    private static ulong Mix(ulong hash, ulong word)
    {
        ulong mixed = (hash ^ word) * 0x9E37_79B9_7F4A_7C15;
        return mixed ^ (mixed >> 32);
    }
}
