using GameServer.Operations;

namespace GameServer.Tests.Operations;

public class ServerControlTests
{
    private ServerControl _control = null!;

    [SetUp]
    public void NewControl() => _control = new ServerControl(playersMax: 4, drainTimeoutSeconds: 25);

    [Test]
    public void IsReady_BeforeStartAndWhileDraining_IsFalse()
    {
        Assert.That(_control.IsReady, Is.False);
        _control.Started("0.0.0.0:9050");
        Assert.That(_control.IsReady, Is.True);
        Assert.That(_control.RequestDrain("signal"), Is.True);
        Assert.That(_control.IsReady, Is.False);
        Assert.That(_control.RequestDrain("again"), Is.False);
        Assert.That(_control.DrainReason, Is.EqualTo("signal"));
    }

    [Test]
    public void ShouldEnd_Draining_WaitsForMatchOrDeadline()
    {
        Assert.That(_control.ShouldEnd(matchOver: true, long.MaxValue), Is.False, "running");
        _control.RequestDrain("signal");
        long deadline = _control.DrainDeadlineMicros;
        Assert.That(_control.ShouldEnd(matchOver: false, deadline - 1), Is.False, "match under way");
        Assert.That(_control.ShouldEnd(matchOver: true, deadline - 1), Is.True, "match over");
        Assert.That(_control.ShouldEnd(matchOver: false, deadline), Is.True, "deadline");
        _control.RequestStop("signal");
        Assert.That(_control.ShouldEnd(matchOver: false, 0), Is.True, "second signal");
    }

    [Test]
    public void IsAlive_TickStopped_TurnsFalseAfterTwoSeconds()
    {
        Assert.That((_control.Progress(withinMicros: -1), _control.IsAlive(withinMicros: -1)), Is.EqualTo((SimulationProgress.Starting, true)), "however long it takes");
        _control.TickAdvanced(7, ServerControl.NowMicros());
        Assert.That((_control.Progress(), _control.IsAlive()), Is.EqualTo((SimulationProgress.Running, true)));
        _control.TickAdvanced(7, ServerControl.NowMicros() - 2_000_001);
        Assert.That((_control.Progress(), _control.IsAlive()), Is.EqualTo((SimulationProgress.Hanging, false)));
        Assert.That(_control.LastTick, Is.EqualTo(7));
        _control.Ended();
        Assert.That((_control.Progress(), _control.IsAlive()), Is.EqualTo((SimulationProgress.Ended, true)), "no tick is missed any more");
    }

    [TestCase("two\nlines")]
    [TestCase("\u001b[31m")]
    [TestCase("a\u202eb")]
    [TestCase("  ")]
    public void RequestKickAndNotice_TextThatIsNoLine_IsRefused(string text)
    {
        Assert.That(() => _control.RequestKick(1, text), Throws.ArgumentException);
        Assert.That(() => _control.RequestNotice(text), Throws.ArgumentException);
    }

    [Test]
    public void RequestKick_MoreThanTheMailboxHolds_IsRefusedThenTakenInOrder()
    {
        int accepted = 0;
        while (_control.RequestKick(accepted, "test"))
        {
            accepted++;
        }

        for (int i = 0; i < accepted; i++)
        {
            Assert.That(_control.TryTakeKick(out KickRequest kick), Is.True);
            Assert.That(kick.PlayerId, Is.EqualTo(i));
        }

        Assert.That(_control.TryTakeKick(out _), Is.False);
        Assert.That(_control.RequestKick(1, "room again"), Is.True);
    }

    [Test]
    public void TryTakeMatch_SeveralRequests_AreTakenInOrderAndBounded()
    {
        for (int i = 0; i < ServerControl.MatchesWaitingMax; i++)
        {
            Assert.That(_control.RequestMatch(Match($"m-{i}")), Is.True);
        }

        Assert.That(_control.RequestMatch(Match("one more")), Is.False);
        for (int i = 0; i < ServerControl.MatchesWaitingMax; i++)
        {
            Assert.That(_control.TryTakeMatch(out MatchRequest? match), Is.True);
            Assert.That(match!.Id, Is.EqualTo($"m-{i}"));
        }

        Assert.That(_control.TryTakeMatch(out _), Is.False);
        _control.RequestDrain("signal");
        Assert.That(_control.RequestMatch(Match("too late")), Is.False);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void TryTakeMatch_AllocationAndFirstMatch_TheAllocationWinsInAnyOrder(bool isAllocatedFirst)
    {
        if (isAllocatedFirst)
        {
            _control.RequestMatch(Match("allocated"));
        }

        _control.RequestFirstMatch(Match("first"));
        if (!isAllocatedFirst)
        {
            _control.RequestMatch(Match("allocated"));
        }

        Assert.That(_control.TryTakeMatch(out MatchRequest? match), Is.True);
        Assert.That(match!.Id, Is.EqualTo("allocated"));
        Assert.That(_control.TryTakeMatch(out _), Is.False);
    }

    private static MatchRequest Match(string id) => new(id, new Dictionary<string, string>());

    [Test]
    public void Snapshot_WhileWritten_IsNeverTorn()
    {
        using var stop = new CancellationTokenSource();
        var writer = new Thread(() =>
        {
            for (int round = 1; !stop.IsCancellationRequested; round++)
            {
                _control.Players.Begin();
                for (int i = 0; i < 4; i++)
                {
                    _control.Players.Add(new PlayerStatus(i, "p", round, round, 0, round, false));
                }

                _control.Players.End();
                Thread.SpinWait(20);
            }
        });
        writer.Start();
        try
        {
            for (int i = 0; i < 5_000; i++)
            {
                PlayerStatus[] players = _control.Players.Snapshot();
                if (players.Length > 0)
                {
                    Assert.That(players, Has.Length.EqualTo(4));
                    Assert.That(players.All(p => p.Score == players[0].Score && p.JoinedMicros == p.Score), Is.True);
                }
            }
        }
        finally
        {
            stop.Cancel();
            writer.Join();
        }
    }

    [Test]
    public void SimulationSide_SteadyTick_AllocatesNothing()
    {
        var telemetry = new ServerTelemetry();
        var control = new ServerControl(4, 25);
        void Tick(uint tick)
        {
            telemetry.Simulation.Ticks.Add();
            telemetry.Simulation.TickDuration.Record(tick);
            telemetry.Simulation.Phases[(int)TickPhase.Step].Record(tick);
            telemetry.Simulation.JoinsRefused[1].Add();
            var overrun = new ServerEvent { Kind = ServerEventKind.Overrun, Tick = tick };
            overrun.Phases[(int)TickPhase.Encode] = 3;
            telemetry.Events.TryAdd(overrun);
            control.TickAdvanced(tick, 1);
            control.TryTakeKick(out _);
            control.TryTakeMatch(out _);
            control.ShouldEnd(false, 1);
            control.Players.Begin();
            control.Players.Add(new PlayerStatus(1, "a", 0, 0, 0, 0, false));
            control.Players.End();
        }

        Tick(0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (uint tick = 1; tick < 5_000; tick++)
        {
            Tick(tick);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(telemetry.Simulation.Ticks.Value, Is.EqualTo(5_000));
        Assert.That(telemetry.Events.Dropped, Is.EqualTo(5_000 - 1_024));
    }
}
