using GameServer.Netcode.Client;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Client;

/// <summary>The round trip over a transport of the caller's, which the client has to measure itself.</summary>
public sealed class SessionRoundTripTests
{
    [TestCase(5, 0)]
    [TestCase(25, 0)]
    [TestCase(60, 10)]
    [TestCase(125, 0)]
    public void RoundTrip_OnATransportOfTheCallers_IsThatOfTheLink(int oneWayMillis, int lossPercent)
    {
        var lab = new Lab(new LabOptions { Clients = 2, Checks = false });
        var link = new LinkModel { DelayMicros = oneWayMillis * 1000, LossPercent = lossPercent };
        var external = new LabCheat(lab.Network, lab.Server.Address, link);
        lab.Stranger = external.Update;
        lab.Run(6);
        Assert.That(external.Client.State, Is.EqualTo(ClientState.Playing));
        double measured = external.Client.Stats.RoundTripMillis;
        TestContext.Out.WriteLine($"{measured:F1} ms of {2 * oneWayMillis} ms");
        Assert.That(measured, Is.InRange((2 * oneWayMillis) - 4, (2 * oneWayMillis) + 20), "the client and the server each look at their mail once per frame");
    }

    [Test]
    public void OnSnapshot_KnownTimes_GivesTheTimeOnTheWay()
    {
        var roundTrip = new SessionRoundTrip();
        roundTrip.Start(80_000, Limits.HistoryTicks);
        Assert.That(roundTrip.Micros, Is.EqualTo(80_000), "until an input was named, the join");
        var input = new Tick(uint.MaxValue);
        roundTrip.InputSent(input, 1_000_000);
        roundTrip.InputSent(input, 1_016_000); // sent again: the first time counts

        // It came two ticks before its own, and the snapshot is of three ticks later: five ticks of 10 ms at the server.
        roundTrip.OnSnapshot(input + 3, input, 2 * 16, 10_000, 1_110_000);
        Assert.That(roundTrip.Micros, Is.EqualTo(60_000));
        roundTrip.OnSnapshot(input + 9, input, 2 * 16, 10_000, 1_500_000);
        Assert.That(roundTrip.Micros, Is.EqualTo(60_000), "named again: measured once");
        roundTrip.OnSnapshot(input + 9, input - 128, 2 * 16, 10_000, 1_500_000);
        Assert.That(roundTrip.Micros, Is.EqualTo(60_000), "an input that is not remembered measures nothing");
    }
}
