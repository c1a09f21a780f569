using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport.RealLibrary;

/// <summary>Messages outside of connections, and errors that end no connection, between this transport and the package.</summary>
[Category("LiteNetLib")]
[Category("Socket")]
internal sealed class PackageUnconnectedTests
{
    [Test]
    public void Unconnected_BothWays_Arrive()
    {
        using var package = new PackageHost(net => net.UnconnectedMessagesEnabled = true);
        using var world = new PackageWorld(false, own: new TransportOptions { MaxPeers = 2, UnconnectedMessages = true }, package: package);
        package.Net.SendUnconnectedMessage([1, 2, 3], world.OwnAddress.ToEndPoint());
        world.Own.SendUnconnected(PeerAddress.From(package.Address), [4, 5]);
        world.WaitFor(() => package.Unconnected.Count == 1 && world.Events.Count == 1, 3, "one message each way");
        Assert.That(package.Unconnected.Single().Bytes, Is.EqualTo(new byte[] { 4, 5 }));
        Assert.That((world.Events.Single().Event.Kind, world.Events.Single().Payload), Is.EqualTo((TransportEventKind.Unconnected, new byte[] { 1, 2, 3 })));
        Assert.That(world.Events.Single().Event.Address.ToEndPoint(), Is.EqualTo(package.Address));
    }

    [Test]
    public void Connect_ServerThatAcceptsNobody_IsRefusedWithItsByte()
    {
        using var world = new PackageWorld(false, own: new TransportOptions { MaxPeers = 2, AcceptConnections = false });
        world.Begin([]);
        world.WaitFor(() => world.Package.Ends.Count > 0, 3, "a refusal");
        Assert.That(world.Package.Ends.Single().Data, Is.EqualTo(new[] { (byte)ConnectRefusal.Closed }));
    }

    [Test]
    public void Connect_ServerThatIsFull_IsRefusedWithItsByte()
    {
        using var second = new PackageHost();
        using var world = new PackageWorld(false, own: new TransportOptions { MaxPeers = 1 });
        world.Connect();
        second.Net.Connect(world.OwnAddress.ToEndPoint(), "");
        world.WaitFor(() => { second.Poll(); return second.Ends.Count > 0; }, 3, "a refusal");
        Assert.That(second.Ends.Single().Data, Is.EqualTo(new[] { (byte)ConnectRefusal.Full }));
        Assert.That(world.IsConnected, Is.True);
    }

    [Test]
    public void Connect_ManyClientsAtOnce_AllAreIn()
    {
        using var world = new PackageWorld(false, own: new TransportOptions { MaxPeers = 16 });
        PackageHost[] clients = [.. Enumerable.Range(0, 10).Select(_ => new PackageHost())];
        Array.ForEach(clients, c => c.Net.Connect(world.OwnAddress.ToEndPoint(), ""));
        world.WaitFor(() => { Array.ForEach(clients, c => c.Poll()); return clients.All(c => c.IsConnected) && world.Own.PeerCount == 10; }, 5, "ten clients");
        foreach (PeerId peer in world.Events.Select(e => e.Event.Peer).ToArray())
        {
            world.Own.Send(peer, DeliveryMethod.ReliableOrdered, 0, BitConverter.GetBytes(peer.Slot));
        }

        world.WaitFor(() => { Array.ForEach(clients, c => c.Poll()); return clients.All(c => c.Messages.Count == 1); }, 3, "a message to each");
        Assert.That(clients.Select(c => c.Messages.Single().Bytes[0]), Is.Unique);
        Array.ForEach(clients, c => c.Dispose());
    }
}
