using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

/// <summary>Time in which an endpoint's own thread did not run counts for nobody's silence.</summary>
public class PauseTests
{
    private const long Second = 1_000_000;

    [TestCase(5 * Second)]
    [TestCase(6 * Second)]
    [TestCase(20 * Second)]
    public void Pause_OfTheServer_SessionGoesOn(long pauseMicros)
    {
        Pair pair = Connected();
        pair.ServerAwayUntil = pair.Now + pauseMicros;
        pair.Run(pauseMicros + (4 * Second));
        AssertGoesOn(pair);
    }

    [TestCase(5 * Second)]
    [TestCase(6 * Second)]
    [TestCase(20 * Second)]
    public void Pause_OfTheClient_SessionGoesOn(long pauseMicros)
    {
        Pair pair = Connected(Patient, new TransportOptions { MaxPeers = 4 });
        pair.ClientAwayUntil = pair.Now + pauseMicros;
        pair.Run(pauseMicros + (4 * Second));
        AssertGoesOn(pair);
    }

    [Test]
    public void Pause_OfBothAtOnce_SessionOfOrdinaryTimeoutsGoesOn()
    {
        var pair = new Pair();
        pair.Connect().Run(2 * Second);
        pair.ServerAwayUntil = pair.ClientAwayUntil = pair.Now + (60 * Second);
        pair.Run(64 * Second);
        AssertGoesOn(pair);
    }

    [Test]
    public void Pause_OfTheServerOverAndOver_SessionGoesOn()
    {
        Pair pair = Connected();
        for (int i = 0; i < 20; i++)
        {
            pair.ServerAwayUntil = pair.Now + (4 * Second);
            pair.Run((4 * Second) + 50_000); // each time just enough to hear the client again
        }

        AssertGoesOn(pair);
    }

    [Test]
    public void Pause_WhileMessagesWaitForAcknowledgement_TheyArrive()
    {
        Pair pair = Connected(new TransportOptions { IdleTimeoutMicros = 5 * Second, ReliableStallMicros = 4 * Second, FragmentTimeoutMicros = 4 * Second });
        bool cut = true;
        pair.Loses = (bytes, toServer) => cut && bytes.Length > 200;
        pair.Server.Send(pair.ServerPeer, DeliveryMethod.ReliableOrdered, 0, new byte[3000]);
        pair.Client.Send(pair.ClientPeer, DeliveryMethod.ReliableOrdered, 0, new byte[3000]);
        pair.Run(Second);
        cut = false;
        pair.ServerAwayUntil = pair.Now + (10 * Second);
        pair.Run(14 * Second);
        AssertGoesOn(pair);
    }

    [Test]
    public void Pause_OfTheServerWhileTheClientGoes_SilenceAfterItStillEnds()
    {
        Pair pair = Connected();
        pair.ServerAwayUntil = pair.Now + (6 * Second);
        pair.Loses = (_, _) => true;
        pair.Run((6 * Second) + (3 * Second));
        Assert.That(pair.Server.PeerCount, Is.EqualTo(1), "it has had less than its timeout to be heard");
        pair.Run(3 * Second);
        Assert.That(pair.ServerEvents[^1].Event.Reason, Is.EqualTo(DisconnectReason.Timeout));
    }

    [TestCase(50_000, 6 * Second)]
    [TestCase(400_000, 9 * Second)]
    [TestCase(2 * Second, 40 * Second)]
    public void Silence_SeenByAThreadThatIsAlwaysLate_EndsAllTheSame(long lateMicros, long endsWithin)
    {
        Pair pair = Connected();
        pair.Loses = (_, _) => true;
        long from = pair.Now;
        while (pair.Server.PeerCount > 0 && pair.Now - from < endsWithin)
        {
            pair.ServerAwayUntil = pair.Now + lateMicros;
            pair.Run(lateMicros);
        }

        Assert.That(pair.ServerEvents[^1].Event.Reason, Is.EqualTo(DisconnectReason.Timeout));
        Assert.That(pair.Now - from, Is.GreaterThanOrEqualTo(4 * Second));
    }

    [TestCase(0)]
    [TestCase(100_000)]
    [TestCase(10 * Second)]
    public void Connect_ToAServerThatHadNothingToWaitFor_WorksAtAnyTimeOfTheClock(long startMicros)
    {
        var lab = new TransportLab(3, startMicros: startMicros);
        lab.Network.SetAllLinks(TransportLab.Link("delay=60"));
        lab.AddClient();
        lab.Run(2 * Second);
        Assert.That((lab.Server.Endpoint.PeerCount, lab.Clients[0].Endpoint.PeerCount), Is.EqualTo((1, 1)));
        Assert.That(lab.Server.Events.Select(e => e.Event.Kind), Is.EqualTo(new[] { TransportEventKind.Connected }));
    }

    [TestCase(1 * Second)]
    [TestCase(30 * Second)]
    public void IdleTimeout_OfTheOptions_DecidesWhenSilenceEnds(long timeoutMicros)
    {
        Pair pair = Connected(new TransportOptions { IdleTimeoutMicros = timeoutMicros });
        pair.Loses = (_, _) => true;
        pair.Run(timeoutMicros - Second);
        Assert.That(pair.Server.PeerCount, Is.EqualTo(timeoutMicros > Second ? 1 : pair.Server.PeerCount));
        pair.Run(Second + 100_000);
        Assert.That(pair.Server.PeerCount, Is.Zero);
    }

    private static TransportOptions Patient => new() { MaxPeers = 4, IdleTimeoutMicros = 60 * Second };

    /// <summary>A connection whose server, unless it is said otherwise, gives up after 5 s of silence, and whose client does not.</summary>
    private static Pair Connected(TransportOptions? server = null, TransportOptions? client = null)
    {
        var pair = new Pair(server, client ?? Patient);
        pair.Connect().Run(2 * Second);
        return pair;
    }

    private static void AssertGoesOn(Pair pair)
    {
        Assert.That((pair.Server.PeerCount, pair.Client.PeerCount), Is.EqualTo((1, 1)), pair.ServerEvents[^1].Event.Reason + " " + pair.ClientEvents[^1].Event.Reason);
        int before = pair.ServerMessages.Count();
        pair.Client.Send(pair.ClientPeer, DeliveryMethod.ReliableOrdered, 0, [1]);
        pair.Run(Second);
        Assert.That(pair.ServerMessages.Skip(before).Single(), Is.EqualTo(new byte[] { 1 }));
    }
}
