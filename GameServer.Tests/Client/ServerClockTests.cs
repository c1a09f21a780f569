using GameServer.Netcode.Client;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Client;

/// <summary>P5 and C1 of the client's tick alone, against a model of a server and two delays.</summary>
public sealed class ServerClockTests
{
    [Test]
    public void Steer_DriftingClock_MarginStaysNearItsAim(
        [Values(-500, 0, 500)] int driftPpm, [Values(20, 60, 128)] int rateHz, [Values(1u, uint.MaxValue - 500)] uint firstTick)
    {
        var model = new Model(rateHz, firstTick, driftPpm) { UpMicros = 40_000, DownMicros = 40_000 };
        model.Run(3);
        model.Run(60, keep: true);
        Assert.That(model.Margins.Average(), Is.InRange(0.9, 2.2));
        Assert.That(model.Percentile(0.01), Is.GreaterThan(0.4));
        Assert.That(model.Percentile(0.99) - model.Percentile(0.01), Is.LessThanOrEqualTo(2.0), "within one tick to either side");
        Assert.That(model.Backward, Is.Zero);
    }

    [TestCase(20, 5_000)]
    [TestCase(60, 15_000)]
    [TestCase(128, 15_000)]
    public void Steer_Jitter_AllButFewArriveInTimeAndTheLeadIsNoLongerThanThat(int rateHz, int jitterMicros)
    {
        var model = new Model(rateHz, 1, 100) { UpMicros = 50_000, DownMicros = 50_000, JitterMicros = jitterMicros };
        model.Run(10);
        model.Run(60, keep: true);
        Assert.That(model.Margins.Count(m => m < 0), Is.LessThan(model.Margins.Count / 100));
        Assert.That(model.Percentile(0.5), Is.LessThan(2.5 + (jitterMicros * 2.0 * rateHz / 1e6)));
    }

    [TestCase(20)]
    [TestCase(60)]
    [TestCase(128)]
    public void Steer_PauseOfTenSeconds_IsBackAtItsAimTwoSecondsLater(int rateHz)
    {
        var model = new Model(rateHz, uint.MaxValue - 900, 0) { UpMicros = 30_000, DownMicros = 30_000 };
        model.Run(5);
        model.Freeze(10); // the process hangs: no update, what arrives meanwhile is late
        model.Run(2);
        model.Run(10, keep: true);
        Assert.That(model.Percentile(0.01), Is.GreaterThan(0.3));
        Assert.That(model.Percentile(0.99), Is.LessThan(3.5));
    }

    [TestCase(20)]
    [TestCase(60)]
    public void Steer_OneReportOfAPathThatStoodStill_DoesNotMoveTheLead(int rateHz)
    {
        var model = new Model(rateHz, 1, 0) { UpMicros = 30_000, DownMicros = 30_000 };
        model.Run(1.5);
        double lead = model.Lead;
        model.Report(-60);
        model.Run(1);
        Assert.That(model.Lead, Is.EqualTo(lead).Within(1.5));
    }

    [Test]
    public void Steer_PathBecomesLonger_FollowsAtOnceAndBackWithoutFallingBehind()
    {
        var model = new Model(60, 1, 0) { UpMicros = 20_000, DownMicros = 20_000 };
        model.Run(5);
        model.UpMicros = 140_000;
        model.Run(3);
        model.Run(5, keep: true);
        Assert.That(model.Percentile(0.01), Is.GreaterThan(0.3), "followed");
        model.UpMicros = 20_000;
        model.Run(30);
        model.Margins.Clear();
        model.Run(10, keep: true);
        Assert.That(model.Percentile(0.01), Is.GreaterThan(0.3));
        Assert.That(model.Percentile(0.99), Is.LessThan(4), "a long lead is given up again");
    }

    [Test]
    public void Advance_AnyMargins_RateStaysWithinEightPercentBeyondJumps()
    {
        var clock = new ServerClock(60);
        clock.Start(new Tick(100), 50_000, 0);
        var random = DeterministicRandom.From(77, 3);
        long now = 3_000_000;
        clock.Advance(now);
        for (int i = 0; i < 20_000; i++)
        {
            double before = clock.Now.Value + clock.Fraction;
            now += 4000;
            clock.Advance(now);
            double ticks = clock.Now.Value + clock.Fraction - before;
            Assert.That(ticks, Is.InRange(4000 * 60 / 1e6 * 0.919, 4000 * 60 / 1e6 * 1.081));
            clock.InputSent(clock.Now);
            clock.OnMargin(clock.Now, 1.5 + random.NextFloat(-2, 2));
        }
    }

    /// <summary>A server whose ticks are due at their times, a client clock that drifts, inputs and reports that take their time.</summary>
    private sealed class Model
    {
        private const long FrameMicros = 4000;

        private readonly ServerClock _clock;
        private readonly double _period;
        private readonly double _rate;
        private readonly uint _firstTick;
        private readonly PriorityQueue<(Tick Tick, long SentAt), long> _up = new();
        private readonly PriorityQueue<(Tick Tick, double Margin), long> _down = new();
        private DeterministicRandom _random = DeterministicRandom.From(9, 9);
        private Tick _last;
        private long _now;

        public Model(int rateHz, uint firstTick, double driftPpm)
        {
            _period = 1e6 / rateHz;
            _rate = 1 + (driftPpm / 1e6);
            _firstTick = firstTick;
            _clock = new ServerClock(rateHz);
            _clock.Start(new Tick(firstTick), 0, 0);
            _last = _clock.Now;
        }

        public long UpMicros { get; set; }

        public long DownMicros { get; set; }

        public int JitterMicros { get; set; }

        public int Backward { get; private set; }

        public List<double> Margins { get; } = [];

        public double Lead => _clock.Now - ServerTick;

        private Tick ServerTick => new Tick(_firstTick) + (int)(_now / _period);

        public double Percentile(double part) => Margins.Order().ElementAt((int)((Margins.Count - 1) * part));

        public void Freeze(double seconds) => _now += (long)(seconds * 1e6);

        public void Report(double margin) => _clock.OnMargin(_last, margin);

        public void Run(double seconds, bool keep = false)
        {
            for (long end = _now + (long)(seconds * 1e6); _now < end; _now += FrameMicros)
            {
                while (_up.TryPeek(out _, out long at) && at <= _now)
                {
                    (Tick tick, _) = _up.Dequeue();
                    double due = (tick - new Tick(_firstTick)) * _period;
                    double margin = (due - at) / _period;
                    Margins.AddRange(keep ? [margin] : []);
                    _down.Enqueue((tick, margin), at + DownMicros + Jitter());
                }

                while (_down.TryPeek(out (Tick Tick, double Margin) report, out long at) && at <= _now)
                {
                    _down.Dequeue();
                    _clock.OnMargin(report.Tick, report.Margin);
                }

                _clock.Advance((long)(_now * _rate));
                Backward += _clock.Now < _last ? 1 : 0;
                for (Tick tick = _clock.Now - _last > Limits.HistoryTicks / 2 ? _clock.Now : _last + 1; tick <= _clock.Now; tick += 1)
                {
                    _clock.InputSent(tick);
                    _up.Enqueue((tick, _now), _now + UpMicros + Jitter());
                }

                _last = _clock.Now;
            }
        }

        private long Jitter() => JitterMicros == 0 ? 0 : _random.NextInt(-JitterMicros, JitterMicros);
    }
}
