using System.Globalization;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Transport;

/// <summary>
/// Mutated captures and structured random packets against a server that has live peers of both lines. Nothing throws, memory stays under
/// its caps, nothing remains, and every check of the parser is reached. A longer run: set FUZZ_ROUNDS. What once broke stays in Corpus.
/// </summary>
public class FuzzTests
{
    /// <summary>Reasons that no received datagram of a plain endpoint can count: they belong to the sealed layer, the ring or the sender.</summary>
    private static readonly DropReason[] Elsewhere =
    [
        DropReason.SealRejected, DropReason.SealMismatch, DropReason.SendQueueFull, DropReason.PeersFull, DropReason.ControlQueueFull,
        DropReason.ConnectDataDisplaced,
    ];

    [Test]
    public void Handle_MutatedAndStructuredDatagrams_ReachEveryCheckAndThrowNothing()
    {
        int rounds = int.Parse(Environment.GetEnvironmentVariable("FUZZ_ROUNDS") ?? "4", CultureInfo.InvariantCulture);
        long[] counts = new long[DropCounters.Count];
        long datagrams = 0;
        for (int round = 0; round < rounds; round++)
        {
            var run = new FuzzRun((ulong)round + 1);
            run.Run(30_000);
            datagrams += run.Datagrams;
            for (int i = 0; i < counts.Length; i++)
            {
                counts[i] += run.Drops((DropReason)i);
            }
        }

        Assert.That(datagrams, Is.GreaterThanOrEqualTo(100_000));
        IEnumerable<DropReason> never = Enum.GetValues<DropReason>()
            .Where(r => (int)r is > 0 and < 64 && !Elsewhere.Contains(r) && counts[(int)r] == 0);
        Assert.That(never, Is.Empty, "checks of the parser that nothing reached");
    }

    [Test]
    public void Handle_Corpus_ThrowsNothing()
    {
        string folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Transport", "Corpus");
        byte[][] corpus = [.. Directory.EnumerateFiles(folder, "*.hex").SelectMany(File.ReadLines)
            .Where(l => l.Length > 0 && l[0] != '#').Select(l => Convert.FromHexString(l.Replace(" ", "", StringComparison.Ordinal)))];
        var run = new FuzzRun(77);
        foreach (byte[] datagram in corpus)
        {
            for (int number = 0; number < 4; number++)
            {
                byte[] copy = [.. datagram];
                copy[0] = (byte)((copy[0] & ~0x60) | (number << 5));
                run.HandleEverywhere(copy);
            }
        }

        run.Finish();
        Assert.That(corpus, Has.Length.GreaterThan(30));
    }
}
