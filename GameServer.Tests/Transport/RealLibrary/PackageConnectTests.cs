using System.Net;
using System.Net.Sockets;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport.RealLibrary;

/// <summary>How long the package's connects take, and messages outside of connections at their limits.</summary>
[Category("LiteNetLib")]
[Category("Socket")]
internal sealed class PackageConnectTests
{
    /// <summary>The library sends its request before it knows the peer: an accept that is faster is lost, and the next comes 500 ms later.</summary>
    [Test]
    public void Connect_SixtyInARow_NoneWaitsForASecondRequest()
    {
        const int Connects = 60;
        using var world = new PackageWorld(false, own: new TransportOptions { MaxPeers = Connects });
        List<double> millis = [];
        for (int i = 0; i < Connects; i++)
        {
            using var client = new PackageHost();
            long start = world.CountedMicros;
            client.Net.Connect(world.OwnAddress.ToEndPoint(), "a key of some length");
            world.WaitFor(() => { client.Poll(); return client.IsConnected; }, 3, $"connect {i}");
            millis.Add((world.CountedMicros - start) / 1e3);
        }

        TestContext.Out.WriteLine($"median {millis.Order().ElementAt(Connects / 2):N0} ms, longest {millis.Max():N0} ms");
        Assert.That(millis.Count(static m => m >= 400), Is.Zero, string.Join(' ', millis.Select(static m => $"{m:N0}")));
    }

    [Test]
    public void Unconnected_OfAWholeDatagram_ArrivesBothWays()
    {
        using var package = new PackageHost(net => net.UnconnectedMessagesEnabled = true);
        using var world = new PackageWorld(false, own: new TransportOptions { MaxPeers = 2, UnconnectedMessages = true }, package: package);
        byte[] message = [.. Enumerable.Range(0, world.Own.UnconnectedBytesMax).Select(static i => (byte)(i * 7))];
        Assert.That(package.Net.SendUnconnectedMessage(message, world.OwnAddress.ToEndPoint()), Is.True);
        world.Own.SendUnconnected(PeerAddress.From(package.Address), message);
        world.WaitFor(() => package.Unconnected.Count == 1 && world.Events.Count == 1, 3, "one message each way");
        Assert.That(package.Unconnected.Single().Bytes, Is.EqualTo(message));
        Assert.That(world.Events.Single().Payload, Is.EqualTo(message));
    }

    [Test]
    public void Unconnected_OfLineOne_IsHeardAsThat()
    {
        using var world = new PackageWorld(false, own: new TransportOptions { MaxPeers = 2, UnconnectedMessages = true });
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        foreach (int bytes in new[] { 0, 1, 3, 40, world.Own.UnconnectedBytesMax })
        {
            int before = world.Events.Count;
            byte[] message = [.. Enumerable.Repeat((byte)0xA5, bytes)];
            socket.SendTo([WireLine.One.First(PacketKind.UnconnectedMessage, 0), .. message], world.OwnAddress.ToEndPoint());
            world.WaitFor(() => world.Events.Count == before + 1, 2, $"{bytes} bytes");
            Assert.That(world.Events[^1].Event.Line, Is.EqualTo(ProtocolLine.LiteNetLib1));
            Assert.That(world.Events[^1].Payload, Is.EqualTo(message));
        }
    }
}
