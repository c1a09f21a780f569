#if !NETCODE_PORTABLE
using GameServer.Netcode.Transport;
using GameServer.Netcode.Transport.Linux;

namespace GameServer.Tests.Transport.Sockets;

[Category("Socket")]
[NonParallelizable]
public sealed class LinuxSocketTests() : SocketFixture(portable: false)
{
    [Test]
    public void Open_WithReusePort_SharesThePort()
    {
        IDatagramSocket first = Open(reusePort: true);
        IDatagramSocket second = Open(port: first.LocalAddress.Port, reusePort: true);
        Assert.That(second.LocalAddress, Is.EqualTo(first.LocalAddress));
        const int Senders = 64;
        for (int i = 0; i < Senders; i++)
        {
            Send(Open(), first, [1]);
        }

        var batch = new DatagramBatch(Senders);
        int atFirst = first.Receive(batch);
        int atSecond = second.Receive(batch);
        Assert.That(atFirst + atSecond, Is.EqualTo(Senders));
        Assert.That(atFirst, Is.InRange(1, Senders - 1), "the kernel spreads senders over the sockets");
    }

    [Test]
    public void KernelDrops_OfAFullReceiveBuffer_AreCounted()
    {
        IDatagramSocket a = Open();
        IDatagramSocket b = Open(receiveBufferBytes: 16 << 10);
        const int Sent = 1_000;
        byte[][] one = [new byte[100]];
        DatagramBatch batch = Fill(b.LocalAddress, one);
        for (int i = 0; i < Sent; i++)
        {
            Assert.That(a.Send(batch, 0, 1), Is.EqualTo(1));
        }

        int received = 0;
        for (int count = 1; count > 0; received += count)
        {
            count = b.Receive(batch);
        }

        // The kernel tells its count with the next datagram that it queues.
        Send(a, b, [1]);
        received += ReceiveSome(b, batch);
        Assert.That(received, Is.LessThan(Sent));
        Assert.That(b.KernelDrops, Is.EqualTo(Sent + 1 - received));
    }

    [Test]
    public void Send_WithAFullSendBuffer_NeverLosesOrder()
    {
        IDatagramSocket a = DatagramSocket.Open(new SocketOptions
        {
            Bind = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0),
            SendBufferBytes = 4096,
        });
        using (a)
        {
            IDatagramSocket b = Open(receiveBufferBytes: 4 << 20);
            DatagramBatch batch = Fill(b.LocalAddress, [.. Enumerable.Range(0, 64).Select(i => new byte[] { (byte)i })]);
            for (int done = 0; done < 64;)
            {
                done += a.Send(batch, done, 64 - done);
            }

            Assert.That(ReceiveAll(b, 64).Select(d => (int)d[0]), Is.EqualTo(Enumerable.Range(0, 64)));
        }
    }
}

public sealed class ArrivalClockTests
{
    private const long RealNanos = 1_700_000_000_000_000_000;

    [Test]
    public void ToMicros_OfAStamp_IsOnTheMonotonicClock()
    {
        var clock = new ArrivalClock();
        Assert.That(clock.IsDue(5), Is.True);
        clock.Sample(RealNanos, 1_000_000_000);
        Assert.That(clock.IsDue(1_000_001), Is.False);
        Assert.That(clock.IsDue(1_000_000 + ArrivalClock.SampleMicros), Is.True);
        Assert.That(clock.ToMicros(RealNanos + 7_000, nowMicros: 1_000_020), Is.EqualTo(1_000_007));
    }

    [Test]
    public void ToMicros_WithoutAStamp_IsTheTimeOfTheCall()
    {
        var clock = new ArrivalClock();
        clock.Sample(RealNanos, 1_000_000_000);
        Assert.That(clock.ToMicros(0, nowMicros: 42), Is.EqualTo(42));
    }

    [TestCase(3_600_000_000_000, 1_000_500, TestName = "ToMicros_AfterRealTimeJumpedAhead_IsTheTimeOfTheCall")]
    [TestCase(-3_600_000_000_000, 1_000_100, TestName = "ToMicros_AfterRealTimeJumpedBack_IsTheTimeOfTheLastEmptySocket")]
    public void ToMicros_AfterAJump(long jumpNanos, long expectedMicros)
    {
        var clock = new ArrivalClock();
        clock.Sample(RealNanos, 1_000_000_000);
        clock.NoteEmpty(1_000_100);
        Assert.That(clock.ToMicros(RealNanos + jumpNanos, nowMicros: 1_000_500), Is.EqualTo(expectedMicros));
    }
}
#endif
