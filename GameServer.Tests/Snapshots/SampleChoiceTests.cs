using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;

namespace GameServer.Tests.Snapshots;

/// <summary>L1: server and client choose the same samples around a view, and both as a naive search does.</summary>
public sealed class SampleChoiceTests
{
    [TestCase(1u)]
    [TestCase(uint.MaxValue - 200)]
    public void TryFindAround_RandomHistories_ServerClientAndNaiveSearchAgree(uint first)
    {
        var random = DeterministicRandom.From(61, first);
        int compared = 0;
        for (int run = 0; run < 400; run++)
        {
            var ring = new SampleRing(1);
            EntityTrack track = default;
            var samples = new List<int>();
            for (int at = 0; at < 120; at += 1 + (random.NextBool(0.1f) ? random.NextInt(70) : random.NextInt(3)))
            {
                var tick = new Tick(first + (uint)at);
                samples.Add(at);
                ring.Append(new SampleSpan(tick, tick, tick - 1))[0] = at;
                track.Acknowledge(tick);
                int view = at - random.NextInt(40);
                int newest = at - random.NextInt(20);
                int earlier = samples.FindLastIndex(s => s <= view && s <= newest);
                bool isWithinMask = earlier >= 0 && (at - samples[earlier] < 64 || earlier == samples.FindLastIndex(s => at - s >= 64));
                bool client = ring.TryFindAround(Add(first, view), Add(first, newest), out _, out Tick from, out ReadOnlySpan<int> later, out SampleSpan span);
                Assert.That(client, Is.EqualTo(earlier >= 0));
                if (!isWithinMask)
                {
                    continue;
                }

                compared++;
                bool server = track.TryFindAround(Add(first, view), Add(first, newest), out Tick serverFrom, out Tick serverLater, out bool hasLater);
                bool expectsLater = earlier + 1 < samples.Count && samples[earlier + 1] <= newest;
                Assert.That((server, serverFrom, hasLater), Is.EqualTo((true, Add(first, samples[earlier]), expectsLater)), $"run {run}, view {view}, newest {newest}");
                Assert.That((from, !later.IsEmpty), Is.EqualTo((serverFrom, expectsLater)));
                Assert.That(!expectsLater || (span.Tick == serverLater && serverLater == Add(first, samples[earlier + 1])));
            }
        }

        Assert.That(compared, Is.GreaterThan(5000));
    }

    [Test]
    public void Weight256_AllPositions_StandsStillUntilTheChangeAndIsMonotone()
    {
        var random = DeterministicRandom.From(62, 1);
        for (int run = 0; run < 20_000; run++)
        {
            var earlier = new Tick(1000);
            Tick tick = earlier + 1 + random.NextInt(30);
            Tick changed = tick - random.NextInt(tick - earlier);
            Tick before = changed - 1 - random.NextInt(10);
            var later = new SampleSpan(tick, changed, before);
            int last = 0;
            for (int parts = 0; parts <= (tick - earlier) * 256; parts += 64)
            {
                int weight = SampleBlend.Weight256(earlier, in later, earlier + (parts >> 8), parts & 255);
                Assert.That(weight, Is.InRange(last, 256));
                last = weight;
                bool heldUntilBefore = earlier >= before;
                Assert.That(!heldUntilBefore || weight == 0 || parts > (changed - 1 - earlier) * 256, "it moved before it did");
            }

            Assert.That(last, Is.EqualTo(256));
        }
    }

    private static Tick Add(uint first, int ticks) => new Tick(first) + ticks;
}
