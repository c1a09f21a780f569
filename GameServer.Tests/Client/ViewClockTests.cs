using GameServer.Netcode.Client;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Client;

/// <summary>The view tick against a model of snapshots that come with drift, jitter, loss, pauses and across the wrap.</summary>
public sealed class ViewClockTests
{
    [Test]
    public void Advance_DriftingClockWithJitter_RunsEvenlyAndNearlyAlwaysBehindTheNewestSnapshot(
        [Values(-500, 0, 500)] int driftPpm, [Values(0, 15_000)] int jitterMicros, [Values(20, 60, 128)] int rateHz)
    {
        var model = new Model(rateHz, uint.MaxValue - 600, driftPpm, jitterMicros);
        model.Run(5);
        model.Check = true;
        model.Run(40);
        Assert.That(model.Beyond, Is.LessThanOrEqualTo(model.Frames / 50), "the view has a state on either side of it");
        Assert.That(model.DelayMax, Is.LessThan(3.5 + (2.0 * jitterMicros * rateHz / 1e6)), "no longer in the past than the jitter asks");
        Assert.That(model.Backward, Is.Zero);
        Assert.That((model.RateMin, model.RateMax), Is.EqualTo((1.0, 1.0)).Using<(double, double)>((a, b) => Math.Abs(a.Item1 - b.Item1) < 0.11 && Math.Abs(a.Item2 - b.Item2) < 0.11));
    }

    [TestCase(20)]
    [TestCase(60)]
    [TestCase(128)]
    public void Advance_PauseOfTenSeconds_IsBackInPlaceASecondLaterAndNeverRanBackward(int rateHz)
    {
        var model = new Model(rateHz, 1, 0, 2000);
        model.Run(5);
        model.IsSilent = true;
        model.Run(10);
        model.IsSilent = false;
        model.Run(1);
        model.Check = true;
        model.Run(5);
        Assert.That(model.Beyond, Is.LessThanOrEqualTo(model.Frames / 50));
        Assert.That(model.DelayMax, Is.LessThan(4));
        Assert.That(model.Backward, Is.Zero);
    }

    [TestCase(20)]
    [TestCase(60)]
    [TestCase(128)]
    public void Advance_ProcessHangsTenSeconds_IsBackInPlaceASecondLater(int rateHz)
    {
        var model = new Model(rateHz, uint.MaxValue - 400, 0, 2000);
        model.Run(5);
        model.Hang(10);
        model.Run(1);
        model.Check = true;
        model.Run(5);
        Assert.That(model.Beyond, Is.LessThanOrEqualTo(model.Frames / 50));
        Assert.That(model.DelayMax, Is.LessThan(4));
        Assert.That(model.Backward, Is.Zero);
    }

    [Test]
    public void OnSnapshot_Losses_TheDelayIsATickLonger()
    {
        var clean = new Model(60, 1, 0, 0);
        var lossy = new Model(60, 1, 0, 0) { LossPercent = 5 };
        clean.Run(20);
        lossy.Run(20);
        Assert.That(lossy.Clock.DelayTicks - clean.Clock.DelayTicks, Is.InRange(0.9, 3));
    }

    private sealed class Model(int rateHz, uint firstTick, double driftPpm, int jitterMicros)
    {
        private const long FrameMicros = 5000;

        private readonly double _period = 1e6 / rateHz;
        private readonly double _rate = 1 + (driftPpm / 1e6);
        private readonly PriorityQueue<int, long> _down = new();
        private DeterministicRandom _random = DeterministicRandom.From(19, 9);
        private int _sent;
        private int _newest = -1;
        private double _last = double.NegativeInfinity;
        private long _now;

        public ViewClock Clock { get; } = new(rateHz);

        public bool IsSilent { get; set; }

        public int LossPercent { get; set; }

        public bool Check { get; set; }

        public int Frames { get; private set; }

        public int Beyond { get; private set; }

        public int Backward { get; private set; }

        public double DelayMax { get; private set; }

        public double RateMin { get; private set; } = double.MaxValue;

        public double RateMax { get; private set; } = double.MinValue;

        public void Hang(double seconds) => _now += (long)(seconds * 1e6);

        public void Run(double seconds)
        {
            for (long end = _now + (long)(seconds * 1e6); _now < end; _now += FrameMicros)
            {
                for (; _sent * _period <= _now; _sent++)
                {
                    if (!IsSilent && _random.NextInt(100) >= LossPercent)
                    {
                        long jitter = jitterMicros == 0 ? 0 : _random.NextInt(-jitterMicros, jitterMicros);
                        _down.Enqueue(_sent, (long)(_sent * _period) + 50_000 + jitter);
                    }
                }

                while (_down.TryPeek(out int index, out long at) && at <= _now)
                {
                    _down.Dequeue();
                    if (index > _newest)
                    {
                        Clock.OnSnapshot(new Tick(firstTick) + index, index - _newest - 1, (long)(at * _rate));
                        _newest = index;
                    }
                }

                Clock.Advance((long)(_now * _rate));
                Look();
            }
        }

        private void Look()
        {
            if (!Clock.IsRunning)
            {
                return;
            }

            double view = (Clock.Tick - new Tick(firstTick)) + (Clock.Fraction / 256.0);
            Backward += view < _last ? 1 : 0;
            if (Check)
            {
                Frames++;
                Beyond += view > _newest ? 1 : 0;
                DelayMax = Math.Max(DelayMax, (_now - 50_000) / _period - view);
                double rate = (view - _last) / (FrameMicros / _period);
                double grain = 1 / 256.0 / (FrameMicros / _period); // what is told of the view is rounded down
                RateMin = Math.Min(RateMin, rate + grain);
                RateMax = Math.Max(RateMax, rate - grain);
            }

            _last = view;
        }
    }
}
