using System.Net;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport.Sockets;

#if !NETCODE_PORTABLE
[TestFixture(false)]
#endif
[TestFixture(true)]
[Category("Socket")]
[NonParallelizable]
public sealed class DatagramSocketTests(bool portable) : SocketFixture(portable)
{
    [Test]
    public void Receive_OfSentBatch_KeepsBytesOrderAndSource()
    {
        IDatagramSocket a = Open();
        IDatagramSocket b = Open();
        byte[][] payloads = [[1], [2, 3], [], [.. Enumerable.Range(0, 1432).Select(i => (byte)i)]];
        Send(a, b, payloads);

        var batch = new DatagramBatch();
        int count = 0;
        while (count < payloads.Length)
        {
            int some = ReceiveSome(b, batch);
            for (int i = 0; i < some; i++, count++)
            {
                Assert.That(batch.Datagram(i).ToArray(), Is.EqualTo(payloads[count]));
                Assert.That(batch.Addresses[i], Is.EqualTo(a.LocalAddress));
            }
        }

        Assert.That(b.Receive(batch), Is.Zero);
    }

    [Test]
    public void Receive_OfEmptyDatagramFirst_DoesNotHideTheNext()
    {
        IDatagramSocket a = Open();
        IDatagramSocket b = Open();
        Send(a, b, [], [], [7]);
        List<byte[]> received = ReceiveAll(b, 3);
        Assert.That(received.Select(d => d.Length), Is.EqualTo(new[] { 0, 0, 1 }));
    }

    [Test]
    public void Receive_OfDatagramLongerThanABuffer_IsCutAndCarriesOn()
    {
        using var raw = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        IDatagramSocket b = Open();
        raw.Send(new byte[9000], 9000, b.LocalAddress.ToEndPoint());
        raw.Send([5], 1, b.LocalAddress.ToEndPoint());
        List<byte[]> received = ReceiveAll(b, 2);
        Assert.That(received[0], Has.Length.EqualTo(DatagramBatch.BufferBytes));
        Assert.That(received[1], Is.EqualTo(new byte[] { 5 }));
    }

    [Test]
    public void Receive_WithSmallBatch_LeavesTheRestForTheNextCall()
    {
        IDatagramSocket a = Open();
        IDatagramSocket b = Open();
        Send(a, b, [1], [2], [3]);
        b.Wait(PatienceMicros);
        var two = new DatagramBatch(2);
        Assert.That(b.Receive(two), Is.EqualTo(2));
        Assert.That(b.Receive(two), Is.EqualTo(1));
        Assert.That(two.Datagram(0)[0], Is.EqualTo(3));
    }

    [Test]
    public void Receive_OnEmptySocket_ReturnsZeroWithoutExceptionOrAllocation()
    {
        IDatagramSocket socket = Open();
        var batch = new DatagramBatch();
        int exceptions = 0;
        void Count(object? sender, System.Runtime.ExceptionServices.FirstChanceExceptionEventArgs e) => exceptions++;
        _ = socket.Receive(batch);
        AppDomain.CurrentDomain.FirstChanceException += Count;
        try
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                _ = socket.Receive(batch);
            }

            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Count;
        }

        Assert.That(exceptions, Is.Zero);
    }

    [Test]
    public void ArrivalMicros_OfADatagramThatWaited_LiesBetweenSendAndReceive()
    {
        IDatagramSocket a = Open();
        IDatagramSocket b = Open();

        // The kernel turns stamping on in the background after the first socket has asked for it; until then it stamps when a datagram is read.
        long deadline = SocketClock.Micros + PatienceMicros;
        while (!Portable && SocketClock.Micros < deadline && MeasureArrival(a, b) is (_, var sent, _, var arrival, _) && arrival > sent)
        {
        }

        for (int round = 0; round < 5; round++)
        {
            (long before, long sentMicros, long read, long arrivalMicros, long after) = MeasureArrival(a, b);
            Assert.That(arrivalMicros, Is.GreaterThanOrEqualTo(Portable ? read : before - 100));
            Assert.That(arrivalMicros, Is.LessThanOrEqualTo(Portable ? after : sentMicros + 100));
        }
    }

    [Test]
    public void Send_WithOneHopelessTarget_PassesItOverAndCountsIt()
    {
        IDatagramSocket a = Open();
        IDatagramSocket b = Open();
        DatagramBatch batch = Fill(b.LocalAddress, [1], [2], [3], [4]);
        batch.Addresses[1] = PeerAddress.From(new IPEndPoint(IPAddress.Loopback, 0));
        batch.Addresses[2] = PeerAddress.From(new IPEndPoint(IPAddress.IPv6Loopback, 9));
        Assert.That(a.Send(batch, 0, 4), Is.EqualTo(4));
        Assert.That(a.SendErrors, Is.EqualTo(2));
        Assert.That(ReceiveAll(b, 2).Select(d => d[0]), Is.EqualTo(new byte[] { 1, 4 }));
    }

    [Test]
    public void Send_ToAClosedPort_DoesNotDisturbTheOthers()
    {
        IDatagramSocket a = Open();
        IDatagramSocket b = Open();
        PeerAddress closed;
        using (IDatagramSocket gone = Open())
        {
            closed = gone.LocalAddress;
        }

        for (byte i = 0; i < 20; i++)
        {
            DatagramBatch batch = Fill(b.LocalAddress, [i], [i], [i]);
            batch.Addresses[1] = closed;
            Assert.That(a.Send(batch, 0, 3), Is.EqualTo(3));
            Assert.That(ReceiveAll(b, 2).Select(d => d[0]), Is.EqualTo(new[] { i, i }));
        }
    }

    [Test]
    public void Send_OfAPart_SendsOnlyThatPart()
    {
        IDatagramSocket a = Open();
        IDatagramSocket b = Open();
        Assert.That(a.Send(Fill(b.LocalAddress, [1], [2], [3], [4]), 1, 2), Is.EqualTo(2));
        Assert.That(ReceiveAll(b, 2).Select(d => d[0]), Is.EqualTo(new byte[] { 2, 3 }));
        Assert.That(b.Receive(new DatagramBatch()), Is.Zero);
    }

    [Test]
    public void Open_OfDualAddress_TalksToBothFamilies()
    {
        IDatagramSocket server = OpenDual();
        IDatagramSocket four = Open();
        IDatagramSocket six = Open("::1");
        var batch = new DatagramBatch();
        foreach ((IDatagramSocket client, IPAddress loopback) in new[] { (four, IPAddress.Loopback), (six, IPAddress.IPv6Loopback) })
        {
            PeerAddress target = PeerAddress.From(new IPEndPoint(loopback, server.LocalAddress.Port));
            Assert.That(client.Send(Fill(target, [9]), 0, 1), Is.EqualTo(1));
            Assert.That(ReceiveSome(server, batch), Is.EqualTo(1));
            Assert.That(batch.Addresses[0], Is.EqualTo(client.LocalAddress));
            Assert.That(server.Send(batch, 0, 1), Is.EqualTo(1));
            Assert.That(ReceiveSome(client, batch), Is.EqualTo(1));
            Assert.That(batch.Addresses[0], Is.EqualTo(target));
        }
    }

    [Test]
    public void Open_OfUsedPort_SaysSo()
    {
        IDatagramSocket first = Open();
        SocketOpenException e = Assert.Throws<SocketOpenException>(() => Open(port: first.LocalAddress.Port))!;
        Assert.That(e.Error, Is.EqualTo(SocketOpenError.AddressInUse));
        Assert.That(e.IsTemporary, Is.True);
        Assert.That(e.Message, Does.Contain($"127.0.0.1:{first.LocalAddress.Port}"));
    }

    [Test]
    public void Open_OfAForeignAddress_SaysSo()
    {
        SocketOpenException e = Assert.Throws<SocketOpenException>(() => Open("192.0.2.1"))!;
        Assert.That(e.Error, Is.EqualTo(SocketOpenError.AddressNotAvailable));
    }

    [Test]
    public void Open_Always_ReportsBuffersAndPort()
    {
        IDatagramSocket socket = Open(receiveBufferBytes: 128 << 10);
        Assert.That(socket.ReceiveBufferBytes, Is.EqualTo(128 << 10));
        Assert.That(socket.SendBufferBytes, Is.GreaterThanOrEqualTo(64 << 10));
        Assert.That(socket.LocalAddress.Port, Is.Not.Zero);
        Assert.That(socket.Filter, Is.EqualTo(SocketFilterState.Off));
    }

    [Test]
    public void EchoOfBatches_AfterWarmUp_AllocatesNothing()
    {
        IDatagramSocket a = Open();
        IDatagramSocket b = Open();
        DatagramBatch request = Fill(b.LocalAddress, [1, 2, 3], [4, 5, 6]);
        var batch = new DatagramBatch();
        long allocated = 0;
        for (int round = 0; round < 200; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            _ = a.Send(request, 0, 2);
            int echoed = 0;
            while (echoed < 2)
            {
                int count = ReceiveSome(b, batch);
                _ = b.Send(batch, 0, count);
                echoed += count;
            }

            while (echoed > 0)
            {
                echoed -= ReceiveSome(a, batch);
            }

            allocated += round < 100 ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
        }

#if NETCODE_PORTABLE
        Assert.That(allocated, Is.LessThan(100 * 4 * 1024));
#else
        Assert.That(allocated, Is.Zero);
#endif
    }

    /// <summary>Sends one datagram and lets it wait for 3 ms: times before and after sending, before reading, of its arrival, after reading.</summary>
    private static (long Before, long Sent, long Read, long Arrival, long After) MeasureArrival(IDatagramSocket from, IDatagramSocket to)
    {
        var batch = new DatagramBatch(1);
        long before = SocketClock.Micros;
        Send(from, to, [1]);
        to.Wait(PatienceMicros);
        long sent = SocketClock.Micros;
        while (SocketClock.Micros < sent + 3_000)
        {
        }

        long read = SocketClock.Micros;
        Assert.That(to.Receive(batch), Is.EqualTo(1));
        return (before, sent, read, batch.ArrivalMicros[0], SocketClock.Micros);
    }

    private IDatagramSocket OpenDual()
    {
        if (!System.Net.Sockets.Socket.OSSupportsIPv6)
        {
            Assert.Ignore("needs IPv6");
        }

        return Open("::");
    }
}
