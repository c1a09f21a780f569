using System.Globalization;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Server;

/// <summary>A client whose declarations differ is refused, and both sides name the first that does.</summary>
public sealed class SchemaDifferenceTests
{
    private static readonly object[][] Differences =
    [
        [new VariantGame { KindName = "other" }, "declaration 2 (name): 'entity kind 'thing'' on the server, 'entity kind 'other'' on the client"],
        [new VariantGame { IsSingleton = true }, "declaration 2 (name): 'entity kind 'thing'' on the server, 'singleton 'thing'' on the client"],
        [new VariantGame { IntMaximum = 200 }, "entity kind 'thing' (range): 'a: Int 0 to 100, 7 bits"],
        [new VariantGame { IntMinimum = 1 }, "entity kind 'thing' (range): 'a: Int 0 to 100"],
        [new VariantGame { IsTurnAFloat = true }, "entity kind 'thing' (type): 'turn: Angle 0 to 1023"],
        [new VariantGame { SwapInts = true }, "entity kind 'thing' (order): 'a: Int"],
        [new VariantGame { SwapOwnedNames = true }, "entity kind 'thing' (name): 'b: in the struct, b@20+4' on the server, 'c: in the struct, c@20+4' on the client"],
        [new VariantGame { Precision = 1 / 32f }, "entity kind 'thing' (range): 'position.x: Float 0 to 20"],
        [new VariantGame { Capacity = 9 }, "entity kind 'thing' (properties): 'properties: capacity 8"],
        [new VariantGame { AxisBits = 9 }, "the input (range): 'moveX: Axis"],
        [new VariantGame { ButtonCount = 3 }, "the input (range): 'buttons.held: Held 0 to 3, 2 bits"],
        [new VariantGame { EventName = "else" }, "declaration 3 (name): 'event 'tagged'' on the server, 'event 'else'' on the client"],
        [new VariantGame { HasEvent = false }, "declaration 3 (order): 'event 'tagged'' on the server, 'the interest' on the client"],
        [new VariantGame { InterestLeave = 21 }, "the interest (distances): 'distances: enter 10, leave 20' on the server, 'distances: enter 10, leave 21' on the client"],
    ];

    [TestCaseSource(nameof(Differences))]
    public void Join_AnotherSchema_BothSidesNameTheFirstDifference(object client, string difference)
    {
        var match = new Match(new VariantGame(), (VariantGame)client, lossPercent: 0);
        match.Run(1);
        Assert.That(match.Client.EndReason, Is.EqualTo(LeaveReason.WrongSchema));
        Assert.That(match.Client.EndText, Does.StartWith("the schemas differ in " + difference));
        Assert.That(match.Refused, Is.EqualTo(new[] { (LeaveReason.WrongSchema, match.Client.EndText) }));
        Assert.That(match.Client.EndText, Has.Length.AtMost(Limits.ReasonCharsMax));
    }

    [Test]
    public void Join_ServerDeclaresLess_IsNamedAsWell()
    {
        var match = new Match(new VariantGame { HasEvent = false }, new VariantGame(), lossPercent: 0);
        match.Run(1);
        Assert.That(match.Client.EndText, Does.Contain("declaration 3 (name): 'the interest' on the server, 'event 'tagged'' on the client"));
    }

    [Test]
    public void Join_AnotherSchemaOverABadLink_IsNamedOrAtLeastPlaced([Range(1, 12)] int seed)
    {
        var match = new Match(new VariantGame(), new VariantGame { IntMaximum = 200 }, lossPercent: 30, (ulong)seed);
        match.Run(12);
        Assert.That(match.Client.EndReason, Is.EqualTo(LeaveReason.WrongSchema).Or.EqualTo(LeaveReason.Timeout).Or.EqualTo(LeaveReason.ServerStopped));
        Assert.That(match.Client.EndReason != LeaveReason.WrongSchema || match.Client.EndText.Contains("entity kind 'thing'") || match.Client.EndText == LeaveReasonText.Of(LeaveReason.WrongSchema));
        Assert.That(match.Refused.Select(r => r.Reason), Is.All.EqualTo(LeaveReason.WrongSchema));
        Assert.That(match.Refused, Is.Not.Empty);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Join_AnotherSchemaAndNoAnswer_IsRefusedInTime(bool inConnectData)
    {
        var room = new RoomRecords(new RoomOptions { PlayersMax = 2 });
        byte[] join = OtherJoin();
        room.Connect(0, inConnectData ? join : []);
        for (int i = 0; i < 10; i++)
        {
            room.Say(0, join);
        }

        room.Run((60 * Limits.JoinSeconds) - 1);
        Assert.That(room.Refused, Is.Empty);
        Assert.That(room.Messages, Has.Count.EqualTo(1), "asked once, however often it joins");
        Assert.That(room.Messages[0].Message, Has.Length.LessThan(200));
        room.Run(2);
        Assert.That(room.Refused, Is.EqualTo(new[] { (LeaveReason.WrongSchema, LeaveReasonText.Of(LeaveReason.WrongSchema)) }));
        Assert.That(room.Ended, Is.EqualTo(new[] { (0, LeaveReason.WrongSchema) }));
    }

    [Test]
    public void Difference_OfOneWhoWasNotAsked_IsDropped()
    {
        var room = new RoomRecords(new RoomOptions { PlayersMax = 2 });
        byte[] answer = Answer(new VariantGame(), new VariantGame { IntMaximum = 200 });
        room.Connect(0);
        room.Say(0, answer);
        room.Join(1, "player");
        room.Run();
        room.Say(1, answer);
        room.Run();
        Assert.That(room.Room.Drops[DropReason.MessageUnexpected], Is.EqualTo(2));
        Assert.That(room.Refused, Is.Empty);
    }

    [Test]
    public void Answer_AtItsLongest_IsReadAndOneByteMoreIsNot()
    {
        var own = GameSchema<TagInput>.Of(new VariantGame()).Declarations;
        string generic = LeaveReasonText.Of(LeaveReason.WrongSchema);
        byte[] answer = Answer(new VariantGame(), new VariantGame { IntMaximum = 200 });
        foreach (int length in new[] { SchemaDifference.AnswerBytesMax - 1, SchemaDifference.AnswerBytesMax, SchemaDifference.AnswerBytesMax + 1 })
        {
            var padded = new byte[length]; // what follows the array is not looked at
            answer.CopyTo(padded, 0);
            Assert.That(SchemaDifference.Describe(own, padded), length <= SchemaDifference.AnswerBytesMax ? Does.Contain("(range)") : Is.EqualTo(generic));
        }
    }

    [Test]
    public void Sentence_OfNamesInOtherScripts_ShowsThem()
    {
        var server = new VariantGame { KindName = "kämpfer 🎮 бой" };
        byte[] question = SchemaDifference.WriteQuestion(GameSchema<TagInput>.Of(server).Declarations);
        byte[] answer = SchemaDifference.WriteAnswer(GameSchema<TagInput>.Of(new VariantGame { KindName = "ritter" }).Declarations, question, out string place);
        string sentence = SchemaDifference.Describe(GameSchema<TagInput>.Of(server).Declarations, answer);
        Assert.That(sentence, Does.Contain("'entity kind 'kämpfer 🎮 бой'' on the server").And.Contain("'entity kind 'ritter'' on the client"));
        Assert.That(place, Does.Contain("ritter"));
    }

    [Test]
    public void Shown_WhatCannotBeSeen_IsAQuestionMarkAndNoCharacterIsCut()
    {
        Assert.That(DeclaredName.Shown("a\nb\u202ec\u2028d\ud800e\ue000f", 64), Is.EqualTo("a?b?c?d?e?f"));
        Assert.That((DeclaredName.Shown("ab🎮", 3), DeclaredName.Shown("ab🎮", 4), DeclaredName.Shown("äöü", 2)), Is.EqualTo(("ab", "ab🎮", "äö")));
    }

    [Test]
    public void Describe_MutatedAnswersAndQuestions_GiveASentenceAndNeverThrow()
    {
        var own = GameSchema<TagInput>.Of(new VariantGame()).Declarations;
        byte[] answer = Answer(new VariantGame(), new VariantGame { SwapInts = true });
        byte[] question = SchemaDifference.WriteQuestion(own);
        var random = DeterministicRandom.From(77, 1);
        for (int i = 0; i < 20_000; i++)
        {
            string sentence = SchemaDifference.Describe(own, Mutated(answer, ref random));
            Assert.That(sentence.Length is > 10 and <= Limits.ReasonCharsMax && IsVisible(sentence), sentence);
            byte[] reply = SchemaDifference.WriteAnswer(own, Mutated(question, ref random), out _);
            Assert.That(reply.Length, Is.AtMost(SchemaDifference.AnswerBytesMax));
        }
    }

    [TestCase(0, 8, true)]
    [TestCase(0, 7, false)]
    [TestCase(0, 9, false)]
    [TestCase(1, 16, false)]
    [TestCase(8, 16, false)]
    public void Answer_QuestionThatIsNotWholeHashes_IsEmpty(int missing, int bytes, bool isAnswered)
    {
        // MessagePack [11, bytes], of which some may be missing at the end.
        byte[] question = [0x92, 11, 0xC4, (byte)bytes, .. new byte[bytes - missing]];
        byte[] answer = SchemaDifference.WriteAnswer(GameSchema<TagInput>.Of(new VariantGame()).Declarations, question, out string place);
        Assert.That((answer.Length > 0, place.Length > 0), Is.EqualTo((isAnswered, isAnswered)));
    }

    // It goes into logs and onto screens: nothing that moves, hides or turns round what stands beside it.
    private static bool IsVisible(string text) => !text.Any(static c => char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.PrivateUse or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static byte[] Mutated(byte[] message, ref DeterministicRandom random)
    {
        byte[] mutated = message[..(random.NextBool(0.3f) ? random.NextInt(message.Length + 1) : message.Length)];
        for (int n = random.NextInt(4); n > 0 && mutated.Length > 0; n--)
        {
            mutated[random.NextInt(mutated.Length)] = (byte)random.NextUInt();
        }

        return mutated;
    }

    private static byte[] Answer(VariantGame server, VariantGame client) => SchemaDifference.WriteAnswer(
        GameSchema<TagInput>.Of(client).Declarations, SchemaDifference.WriteQuestion(GameSchema<TagInput>.Of(server).Declarations), out _);

    private static byte[] OtherJoin()
    {
        var buffer = new byte[256];
        return buffer[..new JoinMessage("arena", 1, 1234, "other", false).Write(buffer)];
    }

    /// <summary>A server of one game and a client of another, in virtual time.</summary>
    private sealed class Match : RoomObserver
    {
        private readonly LabServer _server;
        private readonly SimulatedSocket _socket;
        private long _nowMicros;

        public Match(VariantGame serverGame, VariantGame clientGame, int lossPercent, ulong seed = 1)
        {
            var network = new SimulatedNetwork(seed) { DefaultModel = new LinkModel { DelayMicros = 20_000, LossPercent = lossPercent } };
            var options = new RoomOptions { PlayersMax = 2, PeersPerThread = 8 };
            _server = new LabServer(network, options, (inbound, outbound, o) => Room.Create(serverGame, options, inbound, outbound, o), this, 1);
            _socket = new SimulatedSocket(network, PeerAddress.FromIPv4(0x0200000A, 3000));
            Client = new GameClient<TagInput>(clientGame, _socket, new ClientOptions { Seed = seed });
            Client.Join(_server.Address, "somebody", 0);
        }

        public GameClient<TagInput> Client { get; }

        public List<(LeaveReason Reason, string Text)> Refused { get; } = [];

        public override void JoinRefused(LeaveReason reason, string text) => Refused.Add((reason, text));

        public void Run(int seconds)
        {
            for (long end = _nowMicros + (seconds * 1_000_000L); _nowMicros < end; _nowMicros += 1000)
            {
                _server.Receive(_nowMicros);
                _server.TryTick(_nowMicros);
                _socket.NetworkMicros = _nowMicros;
                Client.Update(_nowMicros, static (ref TagInput _) => { });
            }
        }
    }
}
