using GameServer.Arena;
using GameServer.Netcode.Client;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Tests.Support;

namespace GameServer.Tests.Server;

/// <summary>A client of another version of the wire protocol is refused, and both sides name both versions.</summary>
public sealed class ProtocolVersionTests
{
    /// <summary>A join of protocol version 1, which had no number: [1, "vectors", 1, 0x0123456789abcdef, "Åse", false].</summary>
    private const string NumberlessJoin = "9601a7766563746f727301cf0123456789abcdefa4c3857365c2";

    /// <summary>A join of a later version, of which only the first two elements are known here: [1, 3, nil].</summary>
    private const string LaterJoin = "930103c0";

    [TestCase(NumberlessJoin, 1, true)]
    [TestCase(NumberlessJoin, 1, false)]
    [TestCase(LaterJoin, 3, true)]
    [TestCase(LaterJoin, 3, false)]
    public void Join_AnotherVersion_IsRefusedAndBothSidesNameBoth(string hex, int version, bool inConnectData)
    {
        var room = new RoomRecords(new RoomOptions { PlayersMax = 2 });
        byte[] join = Convert.FromHexString(hex);
        room.Connect(0, inConnectData ? join : []);
        if (!inConnectData)
        {
            room.Say(0, join);
        }

        room.Run();
        string text = $"the client speaks protocol version {version}, the server version {Limits.ProtocolVersion}";
        Assert.That(room.Refused, Is.EqualTo(new[] { (LeaveReason.WrongProtocol, text) }));
        Assert.That(room.Ended, Is.EqualTo(new[] { (0, LeaveReason.WrongProtocol) }));
        Assert.That(room.Joined, Is.Empty);
        var client = new GameClient<ArenaInput>(new ArenaGame(), (_, _) => { });
        client.Connected("somebody", 0);
        client.Receive(room.Messages.Single().Message, isReliable: true, 1000);
        Assert.That(client.State, Is.EqualTo(ClientState.Ended));
        Assert.That(client.EndReason, Is.EqualTo(LeaveReason.WrongProtocol));
        Assert.That(client.EndText, Is.EqualTo(text));
    }

    [TestCase("930100c0", TestName = "Join_VersionZero_IsMalformed")]
    [TestCase("9301ffc0", TestName = "Join_VersionBelowZero_IsMalformed")]
    [TestCase("9301c0c0", TestName = "Join_NeitherNumberNorName_IsMalformed")]
    [TestCase("9101", TestName = "Join_NothingBehindTheKind_IsMalformed")]
    [TestCase("930102c0", TestName = "Join_ThisVersionButTooShort_IsMalformed")]
    public void Join_NoVersion_IsMalformed(string hex)
    {
        var room = new RoomRecords(new RoomOptions { PlayersMax = 2 });
        room.Connect(0);
        room.Say(0, Convert.FromHexString(hex));
        room.Run();
        Assert.That(room.Room.Drops[DropReason.JoinMalformed], Is.EqualTo(1));
        Assert.That(room.Refused, Is.EqualTo(new[] { (LeaveReason.Protocol, "the join cannot be read") }));
        Assert.That(room.Ended, Is.EqualTo(new[] { (0, LeaveReason.Protocol) }));
    }

    [Test]
    public void Refuse_OfAnotherVersion_IsRead()
    {
        Assert.That(ControlMessage.TryReadRefuse(Convert.FromHexString("920304"), out LeaveReason reason, out string text), Is.True, "version 1 has no sentence");
        Assert.That((reason, text), Is.EqualTo((LeaveReason.WrongVersion, "")));
        Assert.That(ControlMessage.TryReadRefuse(Convert.FromHexString("9403ccc8a26e6fc0"), out reason, out text), Is.True, "a reason and an element of a later version");
        Assert.That(((int)reason, text), Is.EqualTo((200, "no")));
        Assert.That(LeaveReasonText.Of(reason), Does.Contain("200"));
    }

    [Test]
    public void LeaveReasonText_EveryReason_HasASentenceOfItsOwn() =>
        Assert.That(Enum.GetValues<LeaveReason>().Select(LeaveReasonText.Of), Is.Unique.And.All.Matches<string>(static t => t is { Length: > 10 } && !t.Contains("does not know")));
}
