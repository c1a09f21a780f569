using GameServer.Hosting;
using GameServer.Operations;

namespace GameServer.Tests.Hosting;

public class InputWaitsTests
{
    private const long Period = 16_667;

    [TestCase(100u)]
    [TestCase(uint.MaxValue - 1)]
    public void Execute_InputsForThisAndLaterTicks_TellsEachOnceWithTheLatenessOfItsTick(uint first)
    {
        var latencies = new Distribution(1e6, 1_000, 20_000, 40_000);
        var waits = new InputWaits(inputsPerTickMax: 2, Period);
        const long due = 1_000_000;
        waits.Begin(first, due);
        waits.Add(due - 500, 500);                 // for this tick
        waits.Add(due - 400, 400 + (2 * Period));  // for the one after the next
        waits.Execute(first, due + 100, latencies);
        Assert.That(Sum(latencies), Is.EqualTo((1, 600)));
        waits.Begin(first + 1, due + Period);
        waits.Execute(first + 1, due + Period, latencies);
        Assert.That(Sum(latencies).Count, Is.EqualTo(1));
        waits.Begin(first + 2, due + (2 * Period));
        waits.Execute(first + 2, due + (2 * Period) + 50, latencies);
        Assert.That(Sum(latencies), Is.EqualTo((2, 600 + 450 + (2 * Period))));
    }

    [Test]
    public void Add_SkippedTicksTooManyAndFarAhead_AreLeftOut()
    {
        var latencies = new Distribution(1e6, 1_000);
        var waits = new InputWaits(inputsPerTickMax: 2, Period);
        waits.Begin(10, 0);
        waits.Add(0, Period);            // for tick 11, which is skipped
        waits.Add(0, 64 * Period);
        waits.Add(0, -Period);
        waits.Begin(75, 65 * Period);    // the same slot as tick 11
        for (int i = 0; i < 5; i++)
        {
            waits.Add(65 * Period, 0);
        }

        waits.Execute(75, (65 * Period) + 10, latencies);
        Assert.That(Sum(latencies), Is.EqualTo((2, 20)));
    }

    private static (long Count, long Sum) Sum(Distribution distribution)
    {
        (long count, long sum) = (0, 0);
        for (int i = 0; i < distribution.BucketCount; i++)
        {
            count += distribution.Read(i).Count;
            sum += distribution.Read(i).Sum;
        }

        return (count, sum);
    }
}
