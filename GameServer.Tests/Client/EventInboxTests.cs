using System.Runtime.CompilerServices;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;
using GameServer.Tests.Support;

namespace GameServer.Tests.Client;

/// <summary>E1 on the client: each event once, another's when the view is at its tick, a brief own one at its prediction, reliable ones in order.</summary>
public sealed class EventInboxTests
{
    private static readonly Schema Schema = GameSchema<FireworksInput>.Of(new FireworksGame());

    [TestCase(100u)]
    [TestCase(uint.MaxValue)]
    public void TryTake_AnothersEvent_WaitsForTheViewAndComesOnce(uint at)
    {
        var inbox = new EventInbox(Schema, new EventWindow());
        var tick = new Tick(at);
        Receive(inbox, tick, ordinal: 0, whom: 3, ownKey: false);
        Assert.That(Take(inbox, tick - 1), Is.EqualTo(-1), "the world on screen is not there yet");
        Assert.That(Take(inbox, tick), Is.EqualTo(3));
        Assert.That(Take(inbox, tick + 100), Is.EqualTo(-1));
    }

    [Test]
    public void TryTake_SeveralOutOfOrder_ComeByTick()
    {
        var inbox = new EventInbox(Schema, new EventWindow());
        foreach (int late in new[] { 4, 1, 3, 0, 2 })
        {
            Receive(inbox, new Tick(uint.MaxValue - 1) + late, ordinal: 0, whom: late, ownKey: false);
        }

        for (int i = 0; i < 5; i++)
        {
            Assert.That(Take(inbox, new Tick(50)), Is.EqualTo(i));
        }
    }

    [Test]
    public void AddPredicted_PredictedReplayedAndConfirmed_IsShownOnceAndAtOnce()
    {
        var inbox = new EventInbox(Schema, new EventWindow());
        var tick = new Tick(500);
        Predict(inbox, tick, 0, whom: 1);
        Assert.That(Take(inbox, tick - 20), Is.EqualTo(1), "an own one does not wait for the view");
        Predict(inbox, tick, 0, whom: 1); // the replay after a correction
        Receive(inbox, tick, 0, whom: 1, ownKey: true);
        Assert.That(Take(inbox, tick + 1), Is.EqualTo(-1));
        Predict(inbox, tick, 1, whom: 2); // a second one of the same tick is another
        Assert.That(Take(inbox, tick + 1), Is.EqualTo(2));
    }

    [Test]
    public void AddReceived_OwnOneThatWasNotPredicted_IsShown()
    {
        var inbox = new EventInbox(Schema, new EventWindow());
        Receive(inbox, new Tick(600), 0, whom: 7, ownKey: true);
        Assert.That(Take(inbox, new Tick(600)), Is.EqualTo(7));
        Predict(inbox, new Tick(600), 0, whom: 7);
        Assert.That(Take(inbox, new Tick(700)), Is.EqualTo(-1), "the prediction that comes after it is the same event");
    }

    [Test]
    public void AddReceived_MoreBriefOnesThanThereIsRoomFor_LosesNoReliableOne()
    {
        var window = new EventWindow();
        var inbox = new EventInbox(Schema, window);
        for (int i = 0; i < 3000; i++)
        {
            inbox.AddReceived(FireworksGame.Sparks.Index, (ushort)i, new Tick((uint)i), 0, ownKey: false, [i]);
            if (i % 10 == 0)
            {
                Ring(inbox, window, i / 10, i);
            }
        }

        for (int i = 0; i < 3000; i += 10)
        {
            Assert.That(inbox.TryTake(FireworksGame.Bells.Index, new Tick(5000), out Bell bell, out _), Is.True);
            Assert.That(bell.Number, Is.EqualTo(i));
        }

        Assert.That(inbox.Overflows, Is.EqualTo(3300 - 1024));
        Assert.That(inbox.TryTake(FireworksGame.Sparks.Index, new Tick(5000), out Spark spark, out _), Is.True);
        Assert.That(spark.Number, Is.EqualTo(3000 - (1024 - 300)), "the newest are kept");
    }

    [TestCase(1024, 0)]
    [TestCase(1025, 1)]
    public void AddReceived_ReliableKindThatNobodyTakes_MakesRoomForTheOthers(int bells, int lost)
    {
        var window = new EventWindow();
        var inbox = new EventInbox(Schema, window);
        for (int i = 0; i < bells; i++)
        {
            Ring(inbox, window, i, i);
        }

        Assert.That(inbox.Overflows, Is.EqualTo(lost));
        inbox.AddReceived(FireworksGame.Sparks.Index, 0, new Tick(7), 0, ownKey: false, [7]);
        Assert.That(inbox.TryTake(FireworksGame.Sparks.Index, new Tick(9), out Spark _, out _), Is.True);
        Assert.That(inbox.TryTake(FireworksGame.Bells.Index, new Tick(5000), out Bell bell, out _), Is.True);
        Assert.That(bell.Number, Is.EqualTo(lost + 1));
    }

    [TestCase(0)]
    [TestCase(65_534)]
    public void TryTake_ReliableOnes_WaitForAllBeforeThemAndComeInTheOrderOfTheirEmission(int first)
    {
        var window = new EventWindow((ushort)first);
        var inbox = new EventInbox(Schema, window);
        foreach (int late in new[] { 2, 1, 4 })
        {
            Ring(inbox, window, first + late, late); // three of them of one tick
            Assert.That(TakeBell(inbox), Is.EqualTo(-1), "the first is missing");
        }

        Ring(inbox, window, first, 0);
        Assert.That((TakeBell(inbox), TakeBell(inbox), TakeBell(inbox), TakeBell(inbox)), Is.EqualTo((0, 1, 2, -1)), "the fourth is missing");
        Ring(inbox, window, first + 3, 3);
        Assert.That((TakeBell(inbox), TakeBell(inbox), TakeBell(inbox)), Is.EqualTo((3, 4, -1)));
    }

    [Test]
    public void AddPredicted_ReliableOne_IsTheServersWordAlone()
    {
        var window = new EventWindow();
        var inbox = new EventInbox(Schema, window);
        var bell = new Bell { Number = 5 };
        inbox.AddPredicted(FireworksGame.Bells.Index, new Tick(3), 0, ref Unsafe.As<Bell, byte>(ref bell));
        Assert.That(TakeBell(inbox), Is.EqualTo(-1));
        window.TryTake(0);
        inbox.AddReceived(FireworksGame.Bells.Index, 0, new Tick(9), 0, ownKey: true, [5]); // its input came late
        Assert.That((TakeBell(inbox), TakeBell(inbox)), Is.EqualTo((5, -1)));
    }

    private static void Ring(EventInbox inbox, EventWindow window, int sequence, int number)
    {
        if (window.TryTake((ushort)sequence))
        {
            inbox.AddReceived(FireworksGame.Bells.Index, (ushort)sequence, new Tick((uint)number / 3), 0, ownKey: false, [number]);
        }
    }

    private static int TakeBell(EventInbox inbox) => inbox.TryTake(FireworksGame.Bells.Index, new Tick(50), out Bell bell, out _) ? bell.Number : -1;

    private static void Predict(EventInbox inbox, Tick tick, byte ordinal, int whom)
    {
        var spark = new Spark { Number = whom };
        inbox.AddPredicted(FireworksGame.Sparks.Index, tick, ordinal, ref Unsafe.As<Spark, byte>(ref spark));
    }

    private static void Receive(EventInbox inbox, Tick tick, byte ordinal, int whom, bool ownKey)
    {
        var spark = new Spark { Number = whom };
        FieldTable fields = Schema.Events[FireworksGame.Sparks.Index].Fields;
        var row = new int[fields.Count];
        fields.Capture(ref Unsafe.As<Spark, byte>(ref spark), 0, row);
        inbox.AddReceived(FireworksGame.Sparks.Index, (ushort)tick.Value, tick, ordinal, ownKey, row);
    }

    private static int Take(EventInbox inbox, Tick view) => inbox.TryTake(FireworksGame.Sparks.Index, view, out Spark spark, out _) ? spark.Number : -1;
}
