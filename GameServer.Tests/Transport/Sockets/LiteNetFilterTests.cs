#if !NETCODE_PORTABLE
using System.Buffers.Binary;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport.Sockets;

[Category("Socket")]
[NonParallelizable]
public sealed class LiteNetFilterTests() : SocketFixture(portable: false)
{
    // Minimum lengths by the low five bits of byte 0 as the table of the protocol notes §3 has them, one row per line; 0: no such property.
    private static readonly int[] Line1 = [1, 4, 4, 3, 11, 34, 15, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0];
    private static readonly int[] Line2 = [1, 4, 4, 4, 3, 11, 34, 15, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];

    [TestCase("0D", true, TestName = "Filter_ShutdownOk_Passes")]
    [TestCase("0F", true, TestName = "Filter_PeerNotFound_Passes")]
    [TestCase("040200", true, TestName = "Filter_Ping2_Passes")]
    [TestCase("030200", true, TestName = "Filter_Ping1_Passes")]
    [TestCase("05020062718D1DF746DF08", true, TestName = "Filter_Pong2_Passes")]
    [TestCase("075FFFF41CF746DF08000000000000", true, TestName = "Filter_Accept2_Passes")]
    [TestCase("065FFFF41CF746DF08000000000000", true, TestName = "Filter_Accept1_Passes")]
    [TestCase("060D0000005FFFF41CF746DF0800000000100200BF977F000001000000000000000004004B4559", true, TestName = "Filter_Request2_Passes")]
    [TestCase("050D0000006B0B383DF746DF0800000000100200DC1F7F0000010000000000000000", true, TestName = "Filter_Request1_Passes")]
    [TestCase("460D0000005FFFF41CF746DF0800000000100200BF977F000001000000000000000004004B4559", true, TestName = "Filter_RequestWithNumber_Passes")]
    [TestCase("060D0000005FFFF41CF746DF08000000001C0A00B1C000000000000000000000000000000000000000010000000004004B4559", true, TestName = "Filter_RequestIPv6_Passes")]
    [TestCase("060D0000005FFFF41CF746DF08000000001C0A00B1C0000000000000000000000000000000000000", false, TestName = "Filter_RequestIPv6CutShort_IsDropped")]
    [TestCase("060D0000005FFFF41CF746DF0800000000110200BF977F0000010000000000000000", false, TestName = "Filter_RequestOddAddressSize_IsDropped")]
    [TestCase("060D0100005FFFF41CF746DF0800000000100200BF977F0000010000000000000000", false, TestName = "Filter_RequestOddProtocol_IsDropped")]
    [TestCase("1F", true, TestName = "Filter_Sealed_Passes")]
    [TestCase("13AABBCC", false, TestName = "Filter_Property19_IsDropped")]
    [TestCase("FEAABBCC", false, TestName = "Filter_Property30_IsDropped")]
    [TestCase("", false, TestName = "Filter_Empty_IsDropped")]
    [TestCase("8101000201000000", false, TestName = "Filter_FragmentWithoutItsHeader_IsDropped")]
    [TestCase("81010002010000000500", true, TestName = "Filter_Fragment_Passes")]
    public void Filter_OfOneDatagram(string hex, bool passes)
    {
        byte[] datagram = Convert.FromHexString(hex);
        byte[] last = [0, 0xEE];
        IDatagramSocket a = Open();
        IDatagramSocket b = Open(filter: true);
        Assert.That(b.Filter, Is.EqualTo(SocketFilterState.Attached));
        Send(a, b, datagram, last);
        Assert.That(ReceiveAll(b, passes ? 2 : 1)[0], Is.EqualTo(passes ? datagram : last));
    }

    [Test]
    public void KernelDrops_HoldWhatTheFilterRefused()
    {
        IDatagramSocket a = Open();
        IDatagramSocket b = Open(filter: true);
        byte[] refused = [30];
        byte[] last = [0, 0xEE];
        Send(a, b, refused, refused, refused, last);
        Assert.That(ReceiveAll(b, 1)[0], Is.EqualTo(last));
        Assert.That(b.KernelDrops, Is.EqualTo(3), "Linux counts them with what found no room");
    }

    [Test]
    public void Filter_OfRandomDatagrams_PassesWhatEitherLineCouldSend()
    {
        var random = new Random(4711);
        IDatagramSocket a = Open();
        IDatagramSocket b = Open("::", filter: true, receiveBufferBytes: 4 << 20);
        PeerAddress target = PeerAddress.From(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, b.LocalAddress.Port));
        var batch = new DatagramBatch();
        int dropped = 0;
        for (int i = 0; i < 3_000; i++)
        {
            byte[] datagram = Draw(random, i);
            Assert.That(a.Send(Fill(target, datagram, [0, 0xEE]), 0, 2), Is.EqualTo(2));
            int count = ReceiveAtLeast(b, batch);
            bool passed = count == 2;
            Assert.That(passed, Is.EqualTo(CouldBeSent(datagram)), $"{i}: {Convert.ToHexString(datagram)}");
            dropped += passed ? 0 : 1;
        }

        Assert.That(dropped, Is.InRange(300, 2_700));
    }

    /// <summary>Receives up to the marker that follows each datagram.</summary>
    private static int ReceiveAtLeast(IDatagramSocket socket, DatagramBatch batch)
    {
        int count = 0;
        while (true)
        {
            int some = ReceiveSome(socket, batch);
            count += some;
            if (batch.Datagram(some - 1) is [0, 0xEE])
            {
                return count;
            }
        }
    }

    private static byte[] Draw(Random random, int i)
    {
        int length = (i % 4) switch { 0 => random.Next(0, 20), 1 => random.Next(20, 60), 2 => random.Next(1_425, 1_440), _ => random.Next(0, 1_500) };
        byte[] datagram = new byte[length];
        random.NextBytes(datagram);
        if (length > 20 && i % 3 == 0)
        {
            // Something like a connect request, often with one thing wrong.
            datagram[0] = (byte)(random.Next(5, 7) | (random.Next(4) << 5));
            BinaryPrimitives.WriteInt32LittleEndian(datagram.AsSpan(1), random.Next(6) == 0 ? random.Next() : random.Next(8, 16));
            datagram[17] = (byte)(random.Next(6) == 0 ? random.Next(256) : random.Next(2) == 0 ? 16 : 28);
        }

        return datagram;
    }

    private static bool CouldBeSent(byte[] datagram)
    {
        if (datagram.Length is 0 or > 1432)
        {
            return false;
        }

        int property = datagram[0] & 0x1F;
        return property == 31 || CouldBeSent(datagram, property, Line1, request: 5) || CouldBeSent(datagram, property, Line2, request: 6);
    }

    private static bool CouldBeSent(byte[] datagram, int property, int[] minimum, int request)
    {
        if (property >= minimum.Length || minimum[property] == 0 || datagram.Length < minimum[property])
        {
            return false;
        }

        // Longer pongs and accepts do not exist, but a layer under the protocol may add some bytes: up to a connect request is taken.
        if (property is 5 or 6 && property != request)
        {
            return datagram.Length < 34;
        }

        if (property == request)
        {
            return datagram[2] == 0 && datagram[3] == 0 && datagram[4] == 0
                && (datagram[17] == 16 || (datagram[17] == 28 && datagram.Length >= 46));
        }

        return property != 1 || (datagram[0] & 0x80) == 0 || datagram.Length >= 10;
    }
}
#endif
