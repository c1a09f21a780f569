using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

public class SimulatedNetworkTests
{
    private static readonly PeerAddress A = PeerAddress.FromIPv4(0x0100007F, 1);
    private static readonly PeerAddress B = PeerAddress.FromIPv4(0x0100007F, 2);
    private readonly byte[] _buffer = new byte[2000];

    [Test]
    public void Send_PerfectLink_ArrivesAtOnceUnchanged()
    {
        var network = new SimulatedNetwork(1);
        network.Send(A, B, [1, 2, 3], 100);

        Assert.That(network.TryReceive(B, 100, _buffer, out int length, out PeerAddress from), Is.True);
        Assert.That((_buffer[..length], from), Is.EqualTo((new byte[] { 1, 2, 3 }, A)));
        Assert.That(network.TryReceive(B, 100, _buffer, out _, out _), Is.False);
    }

    [Test]
    public void NextArrival_DelayAndJitter_StayInRangeAndReorder()
    {
        var network = new SimulatedNetwork(7) { DefaultModel = Model("delay=60,jitter=15") };
        var arrivals = new List<(long At, int Number)>();
        network.TryReceive(B, 0, _buffer, out _, out _);
        for (int i = 0; i < 2000; i++)
        {
            network.Send(A, B, BitConverter.GetBytes(i), i * 1000);
        }

        while (network.NextArrivalMicros is var at && at != long.MaxValue)
        {
            Assert.That(network.TryReceive(B, at, _buffer, out _, out _), Is.True);
            arrivals.Add((at, BitConverter.ToInt32(_buffer)));
        }

        Assert.That(arrivals, Has.Count.EqualTo(2000));
        Assert.That(arrivals.Select(a => a.At - (a.Number * 1000)), Has.All.InRange(45_000, 75_000));
        Assert.That(arrivals.Select(a => a.Number), Is.Not.Ordered);
        Assert.That(arrivals.Average(a => a.At - (a.Number * 1000)), Is.EqualTo(60_000).Within(1_000));
    }

    [TestCase("loss=10", 10, 1.11)]
    [TestCase("loss=10,burst=5", 10, 5)]
    [TestCase("loss=50,burst=8", 50, 8)]
    public void Send_Loss_HasTheMeanAndTheBurstLength(string text, double lossPercent, double burst)
    {
        var network = new SimulatedNetwork(3) { DefaultModel = Model(text) };
        bool[] lost = [.. Enumerable.Range(0, 100_000).Select(_ => IsLost(network))];
        int bursts = lost.Where((isLost, i) => isLost && (i == 0 || !lost[i - 1])).Count();

        Assert.That(lost.Count(l => l) / 1000.0, Is.EqualTo(lossPercent).Within(10).Percent);
        Assert.That((double)lost.Count(l => l) / bursts, Is.EqualTo(burst).Within(10).Percent);
        Assert.That(network.LostCount, Is.EqualTo(lost.Count(l => l)));
    }

    [Test]
    public void Send_DuplicateFlipTruncate_HappenAsOftenAsAsked()
    {
        var network = new SimulatedNetwork(5) { DefaultModel = Model("dup=20,flip=10,truncate=10") };
        int copies = 0, flipped = 0, cut = 0;
        for (int i = 0; i < 20_000; i++)
        {
            network.Send(A, B, new byte[40], i);
            while (network.TryReceive(B, i, _buffer, out int length, out _))
            {
                copies++;
                cut += length < 40 ? 1 : 0;
                flipped += length == 40 && _buffer.AsSpan(0, 40).ContainsAnyExcept((byte)0) ? 1 : 0;
            }
        }

        Assert.That(copies, Is.EqualTo(24_000).Within(3).Percent);
        Assert.That(cut, Is.EqualTo(2_400).Within(10).Percent);
        Assert.That(flipped, Is.EqualTo(2_400 * 0.9).Within(10).Percent);
    }

    [Test]
    public void Send_LimitedRate_QueuesThenLoses()
    {
        var network = new SimulatedNetwork(5) { DefaultModel = Model("rate=100,queue=10") };
        network.TryReceive(B, 0, _buffer, out _, out _);
        for (int i = 0; i < 20; i++)
        {
            network.Send(A, B, new byte[1000], 0);
        }

        long last = 0;
        int arrived = 0;
        for (; network.NextArrivalMicros != long.MaxValue; arrived++)
        {
            last = network.NextArrivalMicros;
            network.TryReceive(B, last, _buffer, out _, out _);
        }

        Assert.That((arrived, last), Is.EqualTo((10, 100_000L)));
    }

    [Test]
    public void Pause_HoldsUpAndThenDelivers()
    {
        var network = new SimulatedNetwork(5) { DefaultModel = Model("delay=10") };
        network.Pause(A, B, 500_000);
        network.Send(A, B, [1], 0);

        Assert.That(network.TryReceive(B, 499_999, _buffer, out _, out _), Is.False);
        Assert.That(network.TryReceive(B, 500_000, _buffer, out _, out _), Is.True);
    }

    [Test]
    public void ChangeAddress_MovesBothDirections()
    {
        var network = new SimulatedNetwork(5);
        PeerAddress outside = PeerAddress.FromIPv4(0x0100007F, 3), later = PeerAddress.FromIPv4(0x0100007F, 4);
        network.ChangeAddress(A, outside);
        network.Send(A, B, [1], 0);
        network.TryReceive(B, 0, _buffer, out _, out PeerAddress seen);
        network.ChangeAddress(A, later);
        network.Send(B, outside, [2], 0);
        network.Send(B, later, [3], 0);

        Assert.That(seen, Is.EqualTo(outside));
        Assert.That(network.TryReceive(A, 0, _buffer, out _, out _), Is.True);
        Assert.That(_buffer[0], Is.EqualTo(3));
        Assert.That(network.TryReceive(A, 0, _buffer, out _, out _), Is.False);
    }

    [Test]
    public void Send_SameSeed_SameResult()
    {
        long[] first = Trace(11), again = Trace(11), other = Trace(12);

        Assert.That(again, Is.EqualTo(first));
        Assert.That(other, Is.Not.EqualTo(first));
    }

    [Test]
    public void Impairment_PassesDatagramsOnWithTheirDelay()
    {
        var impairment = new LinkImpairment(Model("delay=5"), 1);
        impairment.Send([9, 8], B, 1_000);

        Assert.That(impairment.NextMicros, Is.EqualTo(6_000));
        Assert.That(impairment.TryTake(5_999, _buffer, out _, out _), Is.False);
        Assert.That(impairment.TryTake(6_000, _buffer, out int length, out PeerAddress address), Is.True);
        Assert.That((length, _buffer[0], address), Is.EqualTo((2, (byte)9, B)));
    }

    private static LinkModel Model(string text)
    {
        Assert.That(LinkModel.TryParse(text, out LinkModel model, out string error), Is.True, error);
        return model;
    }

    private long[] Trace(ulong seed)
    {
        var network = new SimulatedNetwork(seed) { DefaultModel = Model("delay=20,jitter=10,loss=20,dup=10") };
        network.TryReceive(B, 0, _buffer, out _, out _);
        var trace = new List<long>();
        for (int i = 0; i < 500; i++)
        {
            network.Send(A, B, [1], i * 1000);
        }

        while (network.NextArrivalMicros is var at && at != long.MaxValue)
        {
            network.TryReceive(B, at, _buffer, out _, out _);
            trace.Add(at);
        }

        return [.. trace];
    }

    private bool IsLost(SimulatedNetwork network)
    {
        network.Send(A, B, [1], 0);
        bool arrived = network.TryReceive(B, 0, _buffer, out _, out _);
        return !arrived;
    }
}
