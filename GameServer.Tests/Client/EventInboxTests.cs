using System.Runtime.CompilerServices;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Tests.Support;

namespace GameServer.Tests.Client;

/// <summary>E1 on the client: each event once, another's when the view is at its tick, an own one at its prediction.</summary>
public sealed class EventInboxTests
{
    private static readonly Schema Schema = GameSchema<TagInput>.Of(new TagGame());

    [TestCase(100u)]
    [TestCase(uint.MaxValue)]
    public void TryTake_AnothersEvent_WaitsForTheViewAndComesOnce(uint at)
    {
        var inbox = new EventInbox(Schema);
        var tick = new Tick(at);
        Receive(inbox, tick, ordinal: 0, whom: 3, ownKey: false);
        Assert.That(Take(inbox, tick - 1), Is.EqualTo(-1), "the world on screen is not there yet");
        Assert.That(Take(inbox, tick), Is.EqualTo(3));
        Assert.That(Take(inbox, tick + 100), Is.EqualTo(-1));
    }

    [Test]
    public void TryTake_SeveralOutOfOrder_ComeByTick()
    {
        var inbox = new EventInbox(Schema);
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
        var inbox = new EventInbox(Schema);
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
        var inbox = new EventInbox(Schema);
        Receive(inbox, new Tick(600), 0, whom: 7, ownKey: true);
        Assert.That(Take(inbox, new Tick(600)), Is.EqualTo(7));
        Predict(inbox, new Tick(600), 0, whom: 7);
        Assert.That(Take(inbox, new Tick(700)), Is.EqualTo(-1), "the prediction that comes after it is the same event");
    }

    private static void Predict(EventInbox inbox, Tick tick, byte ordinal, int whom)
    {
        var tagged = new Tagged { By = new PlayerId(0), Whom = new PlayerId(whom) };
        inbox.AddPredicted(TagGame.Tags.Index, tick, ordinal, ref Unsafe.As<Tagged, byte>(ref tagged));
    }

    private static void Receive(EventInbox inbox, Tick tick, byte ordinal, int whom, bool ownKey)
    {
        var tagged = new Tagged { By = new PlayerId(0), Whom = new PlayerId(whom) };
        FieldTable fields = Schema.Events[TagGame.Tags.Index].Fields;
        var row = new int[fields.Count];
        fields.Capture(ref Unsafe.As<Tagged, byte>(ref tagged), 0, row);
        inbox.AddReceived(TagGame.Tags.Index, tick, ordinal, ownKey, row);
    }

    private static int Take(EventInbox inbox, Tick view) => inbox.TryTake(TagGame.Tags.Index, view, out Tagged tagged, out _) ? tagged.Whom.Index : -1;
}
