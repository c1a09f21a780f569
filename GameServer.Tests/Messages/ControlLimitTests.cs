using GameServer.Arena;
using GameServer.Netcode.Client;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Messages;

/// <summary>Every limit of the control messages: at it, one below, one above.</summary>
public sealed class ControlLimitTests
{
    private readonly byte[] _buffer = new byte[4096];

    [TestCase(Limits.ChatCharsMax - 1, true)]
    [TestCase(Limits.ChatCharsMax, true)]
    [TestCase(Limits.ChatCharsMax + 1, false)]
    public void Chat_Length_IsTheLimit(int chars, bool read)
    {
        foreach (string letter in new[] { "x", "é", "\u6F22" })
        {
            string text = string.Concat(Enumerable.Repeat(letter, chars));
            Assert.That(ControlMessage.TryReadChat(Written(ControlMessage.WriteChat(_buffer, 3, text)), out _, out string said), Is.EqualTo(read));
            Assert.That(said, Is.EqualTo(read ? text : ""));
        }
    }

    [TestCase(Limits.ChatCharsMax - 1, true)]
    [TestCase(Limits.ChatCharsMax, true)]
    [TestCase(Limits.ChatCharsMax + 1, false)]
    public void Client_ChatLength_IsTheLimit(int chars, bool sent)
    {
        int messages = 0;
        var client = new GameClient<ArenaInput>(new ArenaGame(), (_, _) => messages++);
        client.Connected("a", 0);
        client.Receive(Written(new WelcomeMessage(0, 60, new Tick(1), 1200, 5000, 250, 1).Write(_buffer)), isReliable: true, 0);
        messages = 0;
        Assert.That(client.Chat(new string('x', chars)), Is.EqualTo(sent));
        Assert.That(messages, Is.EqualTo(sent ? 1 : 0));
    }

    [TestCase(-1, false)]
    [TestCase(0, true)]
    [TestCase(65_535, true)]
    [TestCase(65_536, false)]
    public void Chat_Seat_IsWithinSixteenBits(int seat, bool read) =>
        Assert.That(ControlMessage.TryReadChat(Written(ControlMessage.WriteChat(_buffer, seat, "x")), out _, out _), Is.EqualTo(read));

    [TestCase(Limits.GameNameCharsMax - 1, true)]
    [TestCase(Limits.GameNameCharsMax, true)]
    [TestCase(Limits.GameNameCharsMax + 1, false)]
    public void Join_NameOfTheGame_IsTheLimit(int chars, bool read) =>
        Assert.That(JoinMessage.TryRead(Written(new JoinMessage(new string('g', chars), 1, 2, "a", false).Write(_buffer)), out _), Is.EqualTo(read));

    [TestCase(255, true)]
    [TestCase(256, true)]
    [TestCase(257, false)]
    public void Join_Name_IsReadBeyondItsLimitSoThatTheRefusalCanSaySo(int chars, bool read) =>
        Assert.That(JoinMessage.TryRead(Written(new JoinMessage("g", 1, 2, new string('n', chars), false).Write(_buffer)), out _), Is.EqualTo(read));

    [TestCase(Limits.ReasonCharsMax - 1)]
    [TestCase(Limits.ReasonCharsMax)]
    [TestCase(Limits.ReasonCharsMax + 1)]
    public void Refuse_Sentence_IsCutAtTheLimit(int chars)
    {
        string text = new('x', chars);
        Assert.That(ControlMessage.TryReadRefuse(Written(ControlMessage.WriteRefuse(_buffer, LeaveReason.Full, text)), out _, out string why), Is.True);
        Assert.That(why, Has.Length.EqualTo(Math.Min(chars, Limits.ReasonCharsMax)));
    }

    [TestCase(-1, false)]
    [TestCase(0, true)]
    [TestCase(255, true)]
    [TestCase(256, false)]
    public void Refuse_Reason_IsOneByte(int reason, bool read)
    {
        var writer = new MessagePackWriter(_buffer);
        writer.WriteArrayHeader(2);
        writer.WriteInt32((int)ControlKind.Refuse);
        writer.WriteInt32(reason);
        Assert.That(ControlMessage.TryReadRefuse(Written(writer.ByteCount), out _, out _), Is.EqualTo(read));
    }

    [TestCase(-1, false)]
    [TestCase(0, true)]
    [TestCase(86_400, true)]
    [TestCase(86_401, false)]
    public void Draining_Seconds_AreAtMostADay(int seconds, bool read) =>
        Assert.That(ControlMessage.TryReadDraining(Written(ControlMessage.WriteDraining(_buffer, seconds)), out _), Is.EqualTo(read));

    [TestCase(0, true)]
    [TestCase(200, true)]
    [TestCase(201, false)]
    public void Notice_Characters_AreAtMost200(int characters, bool read) =>
        Assert.That(NoticeMessage.TryRead(Written(NoticeMessage.Write(_buffer, new string('x', characters))), out _), Is.EqualTo(read));

    [TestCase(0, false)]
    [TestCase(1, true)]
    [TestCase(12, true)]
    [TestCase(13, false)]
    public void Kind_OutsideOfTheEnum_IsNotRead(int kind, bool read)
    {
        var writer = new MessagePackWriter(_buffer);
        writer.WriteArrayHeader(1);
        writer.WriteInt32(kind);
        Assert.That(Enum.IsDefined((ControlKind)kind), Is.EqualTo(read));
        Assert.That(ControlMessage.TryReadKind(Written(writer.ByteCount), out _), Is.EqualTo(read));
    }

    [TestCase(0, 9_999, true)]
    [TestCase(0, 10_000, false)]
    [TestCase(0, -1, false)]
    [TestCase(1, 9_999, true)]
    [TestCase(1, 10_000, false)]
    [TestCase(2, 9_999, true)]
    [TestCase(2, 10_000, false)]
    [TestCase(3, 59_999, true)]
    [TestCase(3, 60_000, false)]
    [TestCase(4, 1_000, true)]
    [TestCase(4, 1_001, false)]
    [TestCase(4, -1, false)]
    [TestCase(5, 59_999, true)]
    [TestCase(5, 60_000, false)]
    [TestCase(6, 9_999, true)]
    [TestCase(6, 10_000, false)]
    [TestCase(6, -1, false)]
    public void Report_EachNumber_HasItsLimit(int index, int value, bool read)
    {
        int[] of = new int[7];
        of[index] = value;
        Assert.That(ReportMessage.TryRead(Written(new ReportMessage(of[0], of[1], of[2], of[3], of[4], of[5], of[6]).Write(_buffer)), out _), Is.EqualTo(read));
    }

    [TestCase(-1, 60, 250, false)]
    [TestCase(0, 60, 250, true)]
    [TestCase(65_535, 60, 250, true)]
    [TestCase(65_536, 60, 250, false)]
    [TestCase(0, 0, 250, false)]
    [TestCase(0, 1, 250, true)]
    [TestCase(0, 1000, 250, true)]
    [TestCase(0, 1001, 250, false)]
    [TestCase(0, 60, -1, false)]
    [TestCase(0, 60, 0, true)]
    [TestCase(0, 60, 5000, true)]
    [TestCase(0, 60, 5001, false)]
    public void Welcome_EachNumber_HasItsLimit(int seat, int rate, int rewind, bool read) =>
        Assert.That(WelcomeMessage.TryRead(Written(new WelcomeMessage(seat, rate, new Tick(1), 1200, 5000, rewind, 1).Write(_buffer)), out _), Is.EqualTo(read));

    [TestCase(Limits.PlayerNameCharsMax, true)]
    [TestCase(Limits.PlayerNameCharsMax + 1, false)]
    public void Welcome_Name_IsTheLimit(int chars, bool read)
    {
        WelcomeMessage welcome = new WelcomeMessage(0, 60, new Tick(1), 1200, 5000, 250, 1) { Name = new string('n', chars) };
        Assert.That(WelcomeMessage.TryRead(Written(welcome.Write(_buffer)), out _), Is.EqualTo(read));
    }

    private ReadOnlySpan<byte> Written(int bytes)
    {
        Assert.That(bytes, Is.GreaterThan(0), "it was not written");
        return _buffer.AsSpan(0, bytes);
    }
}
