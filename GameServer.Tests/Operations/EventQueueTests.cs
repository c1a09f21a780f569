using GameServer.Operations;

namespace GameServer.Tests.Operations;

public class EventQueueTests
{
    [Test]
    public void TryTake_TwoThreads_EveryEventOnceInOrder()
    {
        const int total = 50_000;
        var queue = new EventQueue(256);
        var producer = new Thread(() =>
        {
            for (int i = 0; i < total;)
            {
                var item = new ServerEvent { Kind = ServerEventKind.Joined, PlayerId = i, StartMicros = i, Name = "n" };
                if (queue.TryAdd(item))
                {
                    i++;
                }
                else
                {
                    Thread.Yield();
                }
            }
        });
        producer.Start();
        for (int expected = 0; expected < total;)
        {
            if (queue.TryTake(out ServerEvent item))
            {
                if (item.PlayerId != expected || item.StartMicros != expected || item.Name != "n")
                {
                    Assert.Fail($"expected {expected}, got {item.PlayerId}/{item.StartMicros}/{item.Name}");
                }

                expected++;
            }
            else
            {
                Thread.Yield();
            }
        }

        producer.Join();
        Assert.That(queue.TryTake(out _), Is.False);
    }

    [Test]
    public void Distribution_Values_FallIntoInclusiveBuckets()
    {
        var distribution = new Distribution(1e6, 10, 20);
        foreach (long value in new long[] { -5, 10, 11, 20, 21, 1_000 })
        {
            distribution.Record(value);
        }

        distribution.Record(15, 3);
        Assert.That(distribution.Read(0), Is.EqualTo((2, 5)));
        Assert.That(distribution.Read(1), Is.EqualTo((5, 76)));
        Assert.That(distribution.Read(2), Is.EqualTo((2, 1021)));
    }
}
