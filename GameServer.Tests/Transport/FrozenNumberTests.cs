using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

/// <summary>Numbers that leave the process or come from the wire. Append when one is added; a line that changes breaks whoever stored the old one.</summary>
public class FrozenNumberTests
{
    [Test]
    public void DisconnectReason_Numbers_KeepTheirNames() => Assert.That(
        Enum.GetValues<DisconnectReason>().Select(r => $"{(int)r} {r}"),
        Is.EqualTo(new[]
        {
            "0 None",
            "1 ConnectionFailed",
            "2 Timeout",
            "3 Rejected",
            "4 RemoteClosed",
            "5 LocalClosed",
            "6 InvalidProtocol",
            "7 Reconnected",
            "8 SimultaneousConnect",
            "9 FragmentLimit",
            "10 ProtocolViolation",
            "11 QueueOverflow",
            "12 ReliableStalled",
            "13 PeerNotFound",
            "14 PathTooSmall",
            "15 GaveWay",
        }));

    [Test]
    public void WireLine_Numbers_AreThoseOfTheNotes()
    {
        byte[] two = [.. Enumerable.Range(0, 19).Select(k => WireLine.Two.First((PacketKind)k, 0))];
        byte[] one = [.. Enumerable.Range(0, 19).Where(k => k != (int)PacketKind.ReliableMerged).Select(k => WireLine.One.First((PacketKind)k, 0))];

        Assert.That(two, Is.EqualTo(Enumerable.Range(0, 19)));
        Assert.That(one, Is.EqualTo(Enumerable.Range(0, 18)));
        Assert.That(Enumerable.Range(19, 13).Select(b => WireLine.Two.KindOf((byte)b)), Is.All.EqualTo(PacketKind.Unknown));
        Assert.That(Enumerable.Range(18, 14).Select(b => WireLine.One.KindOf((byte)b)), Is.All.EqualTo(PacketKind.Unknown));
    }

    [TestCase("00AABBCC", "17C18AC9")]
    [TestCase("0E", "76EC05FE")]
    public void Checksum_CapturedPackets_IsTheLibrarys(string packet, string appended)
    {
        Span<byte> bytes = stackalloc byte[4];
        BitConverter.TryWriteBytes(bytes, Crc32cLayer.Checksum(Convert.FromHexString(packet)));
        Assert.That(Convert.ToHexString(bytes), Is.EqualTo(appended));
    }
}
