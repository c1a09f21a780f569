using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Server;

/// <summary>Names at the join: kept in one form, refused with a sentence, never twice in a room.</summary>
public sealed class NameTests
{
    [Test]
    public void Join_NamesTakenForTheSame_EachGetsItsOwnAndIsToldIt()
    {
        var room = new RoomRecords(new RoomOptions { PlayersMax = 8 });
        string[] given = ["Åse", "A\u030ASE", "\uFF21\u030Ase", "ase", "Åse (2)"];
        for (ushort slot = 0; slot < given.Length; slot++)
        {
            room.Join(slot, given[slot], spectator: slot == 2);
            room.Run();
        }

        string[] kept = ["Åse", "ÅSE (2)", "\uFF21\u030Ase (3)", "ase", "Åse (2) (2)"];
        Assert.That(room.Joined.Select(j => j.Name), Is.EqualTo(kept));
        Assert.That(kept.Select((_, slot) => room.WelcomeOf(slot).Name), Is.EqualTo(kept), "the welcome says it");
        Assert.That(room.Room.World.Players.Name(new Netcode.Game.PlayerId(1)), Is.EqualTo(kept[1]));
    }

    [Test]
    public void Join_NameOfOneWhoHasLeft_IsFree()
    {
        var room = new RoomRecords(new RoomOptions { PlayersMax = 4 });
        room.Join(0, "ann");
        room.Run();
        room.Put(RecordKind.Disconnect, 0, [], DisconnectReason.Timeout);
        room.Join(1, "ANN");
        room.Run();
        Assert.That(room.Joined.Select(j => j.Name), Is.EqualTo(new[] { "ann", "ANN" }));
    }

    [Test]
    public void Join_AllOfOneName_FillTheRoom()
    {
        var room = new RoomRecords(new RoomOptions { PlayersMax = 64, SpectatorsMax = 0 });
        for (ushort slot = 0; slot < 64; slot++)
        {
            room.Join(slot, new string('x', Limits.PlayerNameCharsMax));
        }

        room.Run();
        Assert.That(room.Joined, Has.Count.EqualTo(64));
        Assert.That(room.Joined.Select(j => j.Name), Is.Unique.And.All.Matches<string>(static n => n is { Length: <= Limits.PlayerNameCharsMax }));
    }

    [TestCase("a\u202Eb", "the name holds U+202E at character 2")]
    [TestCase("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "the name has 33 characters, 32 are allowed", TestName = "Join_NameTooLong_IsRefusedWithTheSentence")]
    public void Join_NameNotAllowed_IsRefusedWithTheSentence(string name, string sentence)
    {
        var room = new RoomRecords(new RoomOptions { PlayersMax = 4 });
        room.Join(0, name);
        room.Run();
        Assert.That(room.Refused.Single().Reason, Is.EqualTo(LeaveReason.WrongName));
        Assert.That(room.Refused.Single().Text, Does.StartWith(sentence));
        Assert.That(ControlMessage.TryReadRefuse(room.Messages.Single().Message, out LeaveReason reason, out string text), Is.True);
        Assert.That((reason, text), Is.EqualTo((LeaveReason.WrongName, room.Refused.Single().Text)));
        Assert.That(room.Ended, Is.EqualTo(new[] { (0, LeaveReason.WrongName) }));
        Assert.That(room.Joined, Is.Empty);
    }
}
