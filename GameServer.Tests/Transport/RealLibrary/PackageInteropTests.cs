using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport.RealLibrary;

/// <summary>This transport against the package LiteNetLib 2.1.5 itself, in both roles.</summary>
[TestFixture(false)]
[TestFixture(true)]
[Category("LiteNetLib")]
[Category("Socket")]
internal sealed class PackageInteropTests(bool packageIsServer)
{
    private const string Lossy = "delay=10,jitter=4,loss=5,dup=2";

    [Test]
    public void Connect_WithData_BothSidesKnowAndTheDataArrives()
    {
        using PackageWorld world = New().Connect(1, 2, 3);
        byte[] data = packageIsServer ? world.Package.Requests.Single() : world.Events.First(e => e.Event.Kind == TransportEventKind.Connected).Payload;
        Assert.That(data, Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(world.Stats.Line, Is.EqualTo(ProtocolLine.LiteNetLib2));
    }

    [Test]
    public void Messages_EveryMethodChannelAndSize_ArriveAsTheMethodPromises([Values("", Lossy)] string link)
    {
        using PackageWorld world = New(link).Connect();
        PackageStream[] streams =
        [
            .. from method in Enum.GetValues<DeliveryMethod>()
               from channel in Enumerable.Range(0, method == DeliveryMethod.Unreliable ? 1 : 4)
               select new PackageStream(world, method, (byte)channel),
        ];
        foreach (int bytes in new[] { 5, 6, 100, 400, 1000 })
        {
            foreach (PackageStream stream in streams)
            {
                stream.Send(bytes);
                stream.Send(bytes); // two of each, so that packets merge
            }

            world.Run(0.04);
        }

        world.WaitFor(() => streams.All(s => s.IsComplete), 8, "all that is promised");
        world.Run(0.1);
        Array.ForEach(streams, s => s.Expect());
    }

    [Test]
    public void Messages_OfEverySizeAroundTheEdges_ArriveByteForByte()
    {
        using PackageWorld world = New().Connect();
        var ordered = new PackageStream(world, DeliveryMethod.ReliableOrdered, 0);
        var unordered = new PackageStream(world, DeliveryMethod.ReliableUnordered, 1);
        foreach (int bytes in new[] { 1013, 1014, 1015, 1018, 1019, 1020, 1021, 1226, 1227, 1228, 1229, 2028, 2029, 65_000, 250_000 })
        {
            ordered.Send(bytes);
            unordered.Send(bytes);
            Assert.That(world.RunUntil(() => ordered.IsComplete && unordered.IsComplete, 8), Is.True, $"{bytes} bytes");
        }

        ordered.Expect();
        unordered.Expect();
    }

    [Test]
    public void Messages_EmptyOnes_ArriveToo()
    {
        using PackageWorld world = New().Connect();
        foreach (DeliveryMethod method in Enum.GetValues<DeliveryMethod>())
        {
            Assert.That(world.Own.Send(world.OwnPeer, method, 0, []), Is.EqualTo(SendResult.Queued));
        }

        world.WaitFor(() => world.Package.Messages.Count == 5, 3, "five empty messages there");
        Assert.That(world.Package.Messages.Select(m => (DeliveryMethod)m.Method), Is.EquivalentTo(Enum.GetValues<DeliveryMethod>()));
    }

    [Test]
    public void MtuDiscovery_OfBothSides_ReachesItsTop()
    {
        using var package = new PackageHost(net => net.MtuDiscovery = true);
        using PackageWorld world = New(package: package).Connect();
        world.WaitFor(() => world.Stats.MtuBytes == 1432 && package.Peer!.Mtu >= 1404, 8, $"{world.Stats.MtuBytes} here, {package.Peer!.Mtu} there");
        var stream = new PackageStream(world, DeliveryMethod.ReliableOrdered, 0);
        stream.Send(20_000);
        world.WaitFor(() => stream.IsComplete, 3, "large parts");
        stream.Expect();
    }

    [Test]
    public void Connect_AgainFromTheSamePort_WorksEveryTimeAndMtuDiscoveryToo()
    {
        using var package = new PackageHost(net => net.MtuDiscovery = true);
        using PackageWorld world = New(package: package);
        for (int round = 0; round < 5; round++)
        {
            world.Connect((byte)round);
            var stream = new PackageStream(world, DeliveryMethod.ReliableOrdered, 0);
            int here = world.Messages.Count(), there = package.Messages.Count;
            stream.Send(3000);
            world.WaitFor(() => world.Messages.Count() == here + 1 && package.Messages.Count == there + 1, 4, $"round {round}");
            if (round == 4)
            {
                world.WaitFor(() => package.Peer!.Mtu > 1024, 4, "the package's probes carry number 0 and are answered all the same");
            }

            End(world, byOwn: round % 2 == 0);
        }
    }

    [Test]
    public void Disconnect_WithData_IsHeardAndWhatWasQueuedArrivesBefore([Values] bool byOwn)
    {
        using PackageWorld world = New("delay=10,loss=5").Connect();
        world.Own.Send(world.OwnPeer, DeliveryMethod.ReliableOrdered, 0, new byte[20_000]);
        End(world, byOwn);
        byte[] heard = byOwn ? world.Package.Ends[^1].Data : world.Events.Last(e => e.Event.Kind == TransportEventKind.Disconnected).Payload;
        Assert.That(heard, Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(byOwn ? world.Package.Messages.Count : 1, Is.EqualTo(1));
    }

    [Test]
    public void Connect_Refused_IsHeardWithTheData()
    {
        using var package = new PackageHost { RejectData = [9, 8, 7] };
        using PackageWorld world = New(own: new TransportOptions { MaxPeers = 4, ConnectionKey = "KEY" }, package: package);
        world.Begin([1]);
        world.WaitFor(() => packageIsServer ? world.Ends.Any() : package.Ends.Count > 0, 3, "a refusal");
        if (packageIsServer)
        {
            Assert.That((world.Events[^1].Event.Reason, world.Events[^1].Payload), Is.EqualTo((DisconnectReason.Rejected, new byte[] { 9, 8, 7 })));
        }
        else
        {
            Assert.That(package.Ends.Single().Reason, Is.EqualTo(LiteNetLib.DisconnectReason.ConnectionRejected));
            Assert.That(package.Ends.Single().Data, Is.EqualTo(new[] { (byte)ConnectRefusal.WrongKey }));
        }
    }

    [Test]
    public void Address_Changes_TheConnectionGoesOnAndNothingIsLost()
    {
        using var package = new PackageHost(net => net.AllowPeerAddressChange = true);
        using PackageWorld world = New(package: package).Connect();
        var stream = new PackageStream(world, DeliveryMethod.ReliableOrdered, 0);
        world.Run(0.3);
        world.Relay.ChangeAddress();
        for (int i = 0; i < 10; i++)
        {
            stream.Send(40);
            world.Run(0.02);
        }

        world.WaitFor(() => stream.IsComplete, 4.5, "all messages after the change");
        stream.Expect();
        Assert.That(world.Ends, Is.Empty);
        Assert.That(package.Ends, Is.Empty);
        Assert.That(package.AddressChanges, Is.EqualTo(packageIsServer ? 1 : 0));
    }

    [Test]
    public void Ping_OfBothSides_MeasuresTheRoundTripAndTheTime()
    {
        using PackageWorld world = New("delay=40").Connect();
        LiteNetLib.NetPeer there = world.Package.Peer!;
        world.Run(2.5);

        // A processor that runs something else lengthens single round trips, on both sides and truly: the averages settle when it does not.
        world.WaitFor(() => world.Stats.RttMicros is >= 78_000 and <= 140_000, 10, $"the round trip here, last {world.Stats.RttMicros} µs");
        world.WaitFor(() => there.RoundTripTime is >= 70 and <= 160, 10, $"the round trip there, last {there.RoundTripTime} ms");
        world.WaitFor(() => Math.Abs(there.RemoteTimeDelta) < TimeSpan.FromMilliseconds(150).Ticks, 10, "pongs carry UTC");
    }

    [Test]
    public void Statistics_OfBothSides_Agree()
    {
        using PackageWorld world = New().Connect();
        var stream = new PackageStream(world, DeliveryMethod.ReliableOrdered, 0);
        for (int i = 0; i < 50; i++)
        {
            stream.Send(200);
            world.Run(0.004);
        }

        world.WaitFor(() => stream.IsComplete, 3, "all messages");
        world.Run(0.1);
        LiteNetLib.NetStatistics there = world.Package.Net.Statistics;
        PeerStats here = world.Stats;
        Assert.That(there.PacketsReceived - here.DatagramsSent, Is.InRange(0, 5), "but for the handshake");
        Assert.That(there.PacketsSent - here.DatagramsReceived, Is.InRange(0, 5));
        Assert.That(there.BytesReceived - here.BytesSent, Is.InRange(0, 200));
        Assert.That(there.BytesSent - here.BytesReceived, Is.InRange(0, 200));
    }

    [Test]
    public void Messages_UnderTheLibrarysChecksums_Arrive()
    {
        using var package = new PackageHost(layer: new LiteNetLib.Layers.Crc32cLayer());
        using PackageWorld world = New("delay=5,flip=10", new TransportOptions { MaxPeers = 4, Crc32c = true }, package).Connect();
        var stream = new PackageStream(world, DeliveryMethod.ReliableOrdered, 0);
        for (int i = 0; i < 30; i++)
        {
            stream.Send(500);
        }

        world.WaitFor(() => stream.IsComplete, 6, "all messages");
        stream.Expect();
        Assert.That(world.Own.Drops[Netcode.Primitives.DropReason.SealRejected], Is.Positive);
    }

    private PackageWorld New(string link = "", TransportOptions? own = null, PackageHost? package = null) => new(packageIsServer, link, own, package);

    private static void End(PackageWorld world, bool byOwn)
    {
        if (byOwn)
        {
            world.Own.Disconnect(world.OwnPeer, [1, 2, 3]);
        }
        else
        {
            world.Package.Peer!.Disconnect(new byte[] { 1, 2, 3 });
        }

        world.WaitFor(() => !world.Package.IsConnected && world.Own.PeerCount == 0, 6, "ended on both sides");
        world.Run(0.1);
    }
}
