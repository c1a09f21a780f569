using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport.RealLibrary;

/// <summary>Much at once, small paths, changes of address in a row and wrong protocols, against the package in both roles.</summary>
[TestFixture(false)]
[TestFixture(true)]
[Category("LiteNetLib")]
[Category("Socket")]
internal sealed class PackageLoadTests(bool packageIsServer)
{
    [Test]
    public void Address_ChangesFiveTimesAtSixtyFramesWithLoss_TheSessionGoesOn([Values(30, 60)] int framesPerSecond)
    {
        const int Changes = 5;
        using var package = new PackageHost(net => net.AllowPeerAddressChange = packageIsServer);
        using PackageWorld world = New("delay=10,jitter=4,loss=5", package: package).Connect();
        var stream = new PackageStream(world, DeliveryMethod.ReliableOrdered, 0);
        var inputs = new PackageStream(world, DeliveryMethod.Unreliable, 0);
        for (int change = 0; change < Changes; change++)
        {
            for (int frame = 0; frame < framesPerSecond * 0.8; frame++)
            {
                inputs.Send(40);
                if (frame % 6 == 0)
                {
                    stream.Send(30);
                }

                world.Run(1.0 / framesPerSecond);
            }

            world.Relay.ChangeAddress();
        }

        stream.Send(30);
        world.WaitFor(() => stream.IsComplete, 4.5, "every reliable message after five changes");
        stream.Expect();
        Assert.That(world.Ends, Is.Empty);
        Assert.That(package.Ends, Is.Empty);
        Assert.That(package.AddressChanges, packageIsServer ? Is.InRange(1, Changes) : Is.Zero);
    }

    [Test]
    public void Message_OfTheLargestSizeOverAnMtuOf576_ArrivesBothWays()
    {
        using var package = new PackageHost(net => net.MtuOverride = 576);
        using PackageWorld world = New(package: package).Connect();
        var stream = new PackageStream(world, DeliveryMethod.ReliableOrdered, 0);
        stream.Send(250_000);
        world.WaitFor(() => stream.IsComplete, 8, $"250 kB here ({world.Messages.Count()}) and there ({package.Messages.Count})");
        stream.Expect();
        Assert.That(package.Peer!.Mtu, Is.EqualTo(576));
        Assert.That(world.Ends, Is.Empty);
    }

    [Test]
    public void Connect_WithAnotherProtocol_IsHeardAsThat()
    {
        using PackageWorld world = New();
        using var change = new ProtocolChange(packageIsServer ? world.Package.Address : world.OwnAddress.ToEndPoint());
        if (packageIsServer)
        {
            world.Own.Connect(PeerAddress.From(change.Address), [], SocketClock.Micros);
        }
        else
        {
            world.Package.Net.Connect(change.Address, "");
        }

        world.WaitFor(() => change.Move() && (packageIsServer ? world.Ends.Any() : world.Package.Ends.Count > 0), 4, "an end");
        if (packageIsServer)
        {
            Assert.That(world.Ends.Single(), Is.EqualTo(DisconnectReason.InvalidProtocol));
        }
        else
        {
            Assert.That(world.Package.Ends.Single().Reason, Is.EqualTo(LiteNetLib.DisconnectReason.InvalidProtocol));
        }
    }

    [Test]
    public void Streams_OnSeveralReliableChannelsUnderLoss_AllArriveEitherWay()
    {
        using PackageWorld world = New("delay=10,loss=5").Connect();
        PackageStream[] streams =
        [
            .. Enumerable.Range(0, 4).Select(channel => new PackageStream(world, DeliveryMethod.ReliableOrdered, (byte)channel)),
            .. Enumerable.Range(0, 4).Select(channel => new PackageStream(world, DeliveryMethod.ReliableUnordered, (byte)channel)),
        ];
        for (int round = 0; round < 100; round++)
        {
            Array.ForEach(streams, static s => s.Send(300));
        }

        world.WaitFor(() => streams.All(static s => s.IsComplete), 10, "800 messages each way");
        Array.ForEach(streams, static s => s.Expect());
    }

    private PackageWorld New(string link = "", PackageHost? package = null) => new(packageIsServer, link, package: package);
}
