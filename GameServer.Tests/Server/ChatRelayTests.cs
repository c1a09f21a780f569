using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Tests.Support;

namespace GameServer.Tests.Server;

/// <summary>Chat between the rings: within its allowance, whole, past the game, and never at the cost of a session.</summary>
public sealed class ChatRelayTests
{
    [Test]
    public void Room_ChatWithoutEnd_IsDroppedAndEndsNobody()
    {
        var room = new SmallRoom();
        room.Join(0);
        room.Join(1);
        room.Tick();
        room.TakeAll();
        room.Fill();
        string text = new('\u20AC', Limits.ChatCharsMax);
        for (int i = 0; i < 12; i++)
        {
            room.Say(0, text);
            room.Tick(i < 4 ? 1 : 30); // as fast as one may
        }

        Assert.That(room.Left, Is.Empty);
        Assert.That(room.Room.Drops[DropReason.ChatTooFast], Is.Zero);
        int kept = ReliableBacklog.ChatCapacity / (4 + 3 + 3 + (3 * Limits.ChatCharsMax));
        Assert.That(room.Room.Drops[DropReason.ChatQueueFull], Is.EqualTo(2 * (12 - kept)), "of each receiver");
        for (int i = 0; i < 4; i++)
        {
            room.TakeAll();
            room.Tick();
        }

        room.TakeAll();
        Assert.That(room.Chats(1).Count(), Is.EqualTo(kept));
    }

    [Test]
    public void Room_OneSpeaksTooFast_FiveAtOnceAndTwoASecond()
    {
        var room = new SmallRoom();
        room.Join(0);
        room.Join(1);
        room.Tick();
        for (int i = 0; i < 6; i++)
        {
            room.Say(0, $"{i}");
        }

        room.Say(1, "another's allowance is another");
        room.Tick();
        room.TakeAll();
        Assert.That(room.Chats(1), Is.EqualTo(new[] { "0", "1", "2", "3", "4", "another's allowance is another" }));
        Assert.That(room.Room.Drops[DropReason.ChatTooFast], Is.EqualTo(1));
        room.Tick(28);
        room.Say(0, "29 ticks later");
        room.Tick();
        room.Say(0, "30 ticks later");
        room.Say(0, "and one more");
        room.Tick();
        room.TakeAll();
        Assert.That(room.Chats(1).Skip(6), Is.EqualTo(new[] { "30 ticks later" }));
        Assert.That(room.Room.Drops[DropReason.ChatTooFast], Is.EqualTo(3));
        for (int i = 0; i < 10; i++)
        {
            room.Tick(100);
            room.TakeAll();
        }

        for (int i = 0; i < 6; i++)
        {
            room.Say(0, $"{i}");
        }

        room.Tick();
        room.TakeAll();
        Assert.That(room.Chats(1).Count(), Is.EqualTo(12), "five again, however long the silence was");
    }

    [Test]
    public void Room_ChatWithoutEnd_EndsNobodyWhoIsLate()
    {
        var room = new SmallRoom(spectatorDelayMillis: 100);
        room.Join(0);
        room.Join(1, isSpectator: true);
        room.Tick(60);
        room.TakeAll();
        room.Fill();
        string text = new('\u20AC', Limits.ChatCharsMax);
        for (int i = 0; i < 12; i++)
        {
            room.Say(0, text);
            room.Tick(i < 4 ? 1 : 30);
        }

        int kept = ReliableBacklog.ChatCapacity / (4 + 3 + 3 + (3 * Limits.ChatCharsMax));
        Assert.That(room.Left, Is.Empty);
        Assert.That(room.Room.Drops[DropReason.ChatQueueFull], Is.EqualTo(2 * (12 - kept)), "of each receiver");
    }

    [TestCase(Limits.ChatCharsMax - 1, true)]
    [TestCase(Limits.ChatCharsMax, true)]
    [TestCase(Limits.ChatCharsMax + 1, false)]
    public void Room_LongLine_IsPassedOnWholeOrRefused(int chars, bool isTaken)
    {
        var room = new SmallRoom();
        room.Join(0);
        room.Join(1);
        room.Tick();
        string text = new('\u20AC', chars); // three bytes each
        room.Say(0, text);
        room.Tick();
        room.TakeAll();
        Assert.That(room.Chats(1), Is.EqualTo(isTaken ? new[] { text } : []));
        Assert.That(room.Room.Drops[DropReason.MessageMalformed], Is.EqualTo(isTaken ? 0 : 1));
    }

    [TestCase("two\nlines\tand\u0007a bell", "two lines and a bell")]
    [TestCase("\u001b[2Jcleared\u009b31m", " [2Jcleared 31m")]
    [TestCase("a\u202Eb\u2066c\u2069d\uFEFFe\u200Bf", "abcdef")]
    [TestCase("a\u2028b\u2029c", "a b c")]
    [TestCase("\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645", "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645")]
    [TestCase("\U0001F469\u200D\U0001F680 grüß", "\U0001F469\u200D\U0001F680 grüß")]
    public void Room_LineWithInvisibleCharacters_IsPassedOnWithoutWhatMovesOrHidesText(string text, string shown)
    {
        var room = new SmallRoom();
        room.Join(0);
        room.Join(1);
        room.Tick();
        room.Say(0, text);
        room.Tick();
        room.TakeAll();
        Assert.That(room.Chats(1), Is.EqualTo(new[] { shown }));
    }

    [TestCase("")]
    [TestCase(" \r\n ")]
    [TestCase("\u202E\u200B\u200D\u200F")]
    public void Room_LineWithNothingToSee_IsRefused(string text)
    {
        var room = new SmallRoom();
        room.Join(0);
        room.Join(1);
        room.Tick();
        room.Say(0, text);
        room.Tick();
        room.TakeAll();
        Assert.That(room.Chats(1), Is.Empty);
        Assert.That(room.Room.Drops[DropReason.ChatRefused], Is.EqualTo(1));
    }

    [Test]
    public void Room_MutedPlayer_IsHeardByNobodyUntilUnmutedOrGone()
    {
        var room = new SmallRoom();
        room.Join(0);
        room.Join(1);
        room.Tick();
        room.Room.World.Players.Mute(new PlayerId(0));
        room.Say(0, "silence");
        room.Say(1, "sound");
        room.Tick();
        room.Room.World.Players.Mute(new PlayerId(0), isMuted: false);
        room.Say(0, "again");
        room.Tick();
        room.TakeAll();
        Assert.That(room.Chats(1), Is.EqualTo(new[] { "sound", "again" }));
        Assert.That(room.Room.Drops[DropReason.ChatRefused], Is.EqualTo(1));
        Assert.That(room.Room.World.Players.IsMuted(new PlayerId(2)), Is.False);
        room.Room.World.Players.Mute(new PlayerId(1));
        room.Room.Kick(1, LeaveReason.Kicked);
        Assert.That(room.Room.World.Players.IsMuted(new PlayerId(1)), Is.False);
    }

    [TestCase(0)]
    [TestCase(500)]
    public void Room_ChatInSteadyState_AllocatesNothing(int spectatorDelayMillis)
    {
        var room = new SmallRoom(spectatorDelayMillis);
        room.Join(0);
        room.Join(1, isSpectator: spectatorDelayMillis > 0);
        room.Tick(120);
        room.TakeAll();
        long allocated = 0;
        for (int i = 0; i < 50; i++)
        {
            room.Say(0, "well met, all of you, well met");
            long before = GC.GetAllocatedBytesForCurrentThread();
            room.Tick(30);
            allocated += i < 20 ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
            room.TakeAll();
        }

        Assert.That(allocated, Is.Zero);
        Assert.That(room.Chats(1).Count(), Is.EqualTo(spectatorDelayMillis > 0 ? 49 : 50));
    }

    [Test]
    public void Chat_HookOfTheGame_SeesEachLineAndKeepsBackWhatItWants()
    {
        var game = new TalkGame();
        var room = new SmallRoom(game, GameSchema<TagInput>.Of(game).Hash);
        room.Join(0);
        room.Tick();
        room.Say(0, "/dance");
        room.Say(0, "hello");
        room.Tick();
        room.TakeAll();
        Assert.That(room.Chats(0), Is.EqualTo(new[] { "hello" }));
        Assert.That(room.Room.World.EntityCount, Is.EqualTo(1), "the command was executed");
        Assert.That(room.Room.Drops[DropReason.ChatRefused], Is.EqualTo(1));
    }

    private sealed class TalkGame : Game<TagInput>
    {
        private static readonly EntityKind<Runner> Dancers = new();

        public override string Name => "talk";

        public override void Define(GameSchema<TagInput> schema)
        {
            schema.DefineInput(e => e.Axis("x", (ref i) => ref i.MoveX).Axis("z", (ref i) => ref i.MoveZ).Buttons("b", (ref i) => ref i.Buttons, count: 1));
            schema.DefineEntity(Dancers, "dancer", 4, e => e
                .Owned("position", (ref r) => ref r.Position).Owned("isIt", (ref r) => ref r.IsIt).Owned("at", (ref r) => ref r.TaggedAt));
        }

        public override bool Chat(in TickContext tick, PlayerId player, ReadOnlySpan<char> text)
        {
            if (!text.SequenceEqual("/dance"))
            {
                return true;
            }

            tick.World.Spawn(Dancers, default);
            return false;
        }

        public override void Tick(in TickContext tick)
        {
        }
    }
}
