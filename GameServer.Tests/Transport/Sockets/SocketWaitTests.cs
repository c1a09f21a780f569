using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport.Sockets;

#if !NETCODE_PORTABLE
[TestFixture(false)]
#endif
[TestFixture(true)]
[Category("Socket")]
[NonParallelizable]
public sealed class SocketWaitTests(bool portable) : SocketFixture(portable)
{
    [Test]
    public void UtcTicksAtZero_OfTheClock_IsUtcLessTheClock() => Assert.That(
        SocketClock.UtcTicksAtZero + (SocketClock.Micros * 10), Is.EqualTo(DateTime.UtcNow.Ticks).Within(TimeSpan.TicksPerSecond));

    [Test]
    public void Wait_WithNothingThere_LastsItsTime()
    {
        IDatagramSocket socket = Open();
        foreach (long timeoutMicros in new[] { 300L, 1_000L, 5_000L })
        {
            long start = SocketClock.Micros;
            socket.Wait(timeoutMicros);
            long passed = SocketClock.Micros - start;
            Assert.That(passed, Is.GreaterThanOrEqualTo(timeoutMicros - 50));
            Assert.That(passed, Is.LessThan(PatienceMicros));
        }
    }

    [Test]
    public void Wait_OfZero_ReturnsAtOnce()
    {
        IDatagramSocket socket = Open();
        long best = long.MaxValue;
        for (int i = 0; i < 20; i++)
        {
            long start = SocketClock.Micros;
            socket.Wait(0);
            best = Math.Min(best, SocketClock.Micros - start);
        }

        Assert.That(best, Is.LessThan(1_000));
    }

    [Test]
    public void Wait_WithADatagramThere_ReturnsAtOnce()
    {
        IDatagramSocket a = Open();
        IDatagramSocket b = Open();
        Send(a, b, new byte[][] { [] });
        long start = SocketClock.Micros;
        b.Wait(PatienceMicros);
        Assert.That(SocketClock.Micros - start, Is.LessThan(PatienceMicros / 2));
    }

    [Test]
    public void Wake_BeforeWait_EndsTheNextOneOnly()
    {
        IDatagramSocket socket = Open();
        socket.Wake();
        socket.Wake();
        long start = SocketClock.Micros;
        socket.Wait(PatienceMicros);
        Assert.That(SocketClock.Micros - start, Is.LessThan(PatienceMicros / 2));
        start = SocketClock.Micros;
        socket.Wait(5_000);
        Assert.That(SocketClock.Micros - start, Is.GreaterThanOrEqualTo(4_900));
    }

    [Test]
    public void Wake_FromAnotherThread_NeverLeavesTheOwnerAsleep()
    {
        const int Rounds = 2_000;
        IDatagramSocket socket = Open();
        int published = 0;
        int seen = 0;
        var waker = new Thread(() =>
        {
            for (int i = 1; i <= Rounds; i++)
            {
                Volatile.Write(ref published, i);
                socket.Wake();
                while (Volatile.Read(ref seen) < i)
                {
                    Thread.Yield();
                }
            }
        });
        waker.Start();
        long start = SocketClock.Micros;
        var batch = new DatagramBatch();
        int received = 0;
        while (seen < Rounds && SocketClock.Micros - start < 10 * PatienceMicros)
        {
            socket.Wait(10 * PatienceMicros);
            received += socket.Receive(batch);
            Volatile.Write(ref seen, Volatile.Read(ref published));
        }

        int reached = seen;
        Volatile.Write(ref seen, Rounds);
        waker.Join();
        Assert.That(reached, Is.EqualTo(Rounds));
        Assert.That(received, Is.Zero, "a wake is not a datagram");
    }
}
