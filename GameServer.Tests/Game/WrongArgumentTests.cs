using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Game;

/// <summary>What a program passes to a room, a world or a client is refused by name when it is wrong, and changes nothing then.</summary>
public sealed class WrongArgumentTests
{
    private static readonly PayloadSender s_nowhere = static (_, _) => { };

    [TestCase(-1, false)]
    [TestCase(0, true)]
    [TestCase(86_400, true)]
    [TestCase(86_401, false)]
    public void BeginDraining_SecondsThatClientsCannotRead_AreRefused(int seconds, bool isRight)
    {
        Room room = MakeRoom();
        Assert.That(() => room.BeginDraining(seconds), isRight ? Throws.Nothing : Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("0 to 86400").And.Message.Contains($"was {seconds}"));
        Assert.That(room.IsDraining, Is.EqualTo(isRight));
    }

    [TestCase(-30, false)]
    [TestCase(-1, false)]
    [TestCase(0, true)]
    [TestCase(1, true)]
    public void SkipTicks_Backwards_IsRefused(int count, bool isRight)
    {
        Room room = MakeRoom();
        Tick before = room.NextTick;
        Assert.That(() => room.SkipTicks(count), isRight ? Throws.Nothing : Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("'count'").And.Message.Contains($"was {count}"));
        Assert.That(room.NextTick - before, Is.EqualTo(isRight ? count : 0));
    }

    [Test]
    public void Room_TextsReasonsAndSeats_AreChecked()
    {
        Room room = MakeRoom();
        Assert.That(() => room.Notify(null!), Throws.ArgumentNullException);
        Assert.That(() => room.Notify(""), Throws.ArgumentException.With.Message.Contains("at least 1, at most 200"));
        Assert.That(() => room.Notify(new string('n', 200)), Throws.Nothing);
        Assert.That(() => room.Kick(0, LeaveReason.Kicked, null!), Throws.ArgumentNullException);
        Assert.That(() => room.Kick(0, (LeaveReason)99), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("LeaveReason"));
        Assert.That(() => room.Stop((LeaveReason)99), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("LeaveReason"));
        Assert.That((room.Kick(-1, LeaveReason.Kicked), room.Kick(9999, LeaveReason.Kicked)), Is.EqualTo((false, false)));
        Assert.That(() => room.BeginMatch(null!), Throws.ArgumentNullException);
        Assert.That(() => room.ScoreOf(new PlayerId(12345)), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("seats 0 to"));
        Assert.That(() => room.ScoreOf(PlayerId.None), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Room_Null_IsNamed()
    {
        var options = new RoomOptions();
        InboundLane[] lanes = [new InboundLane(1 << 16, 512)];
        SpscRing[] rings = [new SpscRing(1 << 16)];
        Assert.That(() => Room.Create<TagInput>(null!, options, lanes, rings), Throws.ArgumentNullException.With.Message.Contains("game"));
        Assert.That(() => Room.Create(new TagGame(), null!, lanes, rings), Throws.ArgumentNullException.With.Message.Contains("options"));
        Assert.That(() => Room.Create(new TagGame(), options, null!, rings), Throws.ArgumentNullException.With.Message.Contains("inbound"));
        Assert.That(() => Room.Create(new TagGame(), options, lanes, null!), Throws.ArgumentNullException.With.Message.Contains("outbound"));
        Assert.That(() => Room.Create(new TagGame(), options, [null!], rings), Throws.ArgumentNullException.With.Message.Contains("inbound"));
        Assert.That(() => Room.Create(new TagGame(), options, lanes, [null!]), Throws.ArgumentNullException.With.Message.Contains("outbound"));
        Assert.That(() => Room.Create(new TagGame(), options, lanes, []), Throws.ArgumentException.With.Message.Contains("there are 1 and 0"));
    }

    [TestCase(-1, true)]
    [TestCase(0, true)]
    [TestCase(3, true)]
    [TestCase(4, false)]
    [TestCase(65_535, false)]
    public void World_OwnerOfASeatThatIsNotThere_IsRefused(int seat, bool isRight)
    {
        World world = MakeWorld();
        var player = new PlayerId(seat);
        EntityId runner = world.Spawn(TagGame.Runners, default);
        Assert.That(() => world.Spawn(TagGame.Runners, default, player), isRight ? Throws.Nothing : Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("seats 0 to 3"));
        Assert.That(() => world.SetOwner(runner, player), isRight ? Throws.Nothing : Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("'owner'"));
        Assert.That(() => world.Players.SetAvatar(player, runner), isRight && seat >= 0 ? Throws.Nothing : Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("'player'"));
        Assert.That(world.EntityCount - (isRight ? 1 : 0), Is.EqualTo(MakeWorld().EntityCount + 1));
    }

    [Test]
    public void World_WhatIsFromNowhere_IsNamed()
    {
        World world = MakeWorld();
        var nowhere = new EntityId(60_000, 1);
        Assert.That(() => world.Get(TagGame.Runners, nowhere), Throws.ArgumentException.With.Message.Contains("60000:1"));
        Assert.That(() => world.Of(TagGame.Runners)[nowhere], Throws.ArgumentException.With.Message.Contains("60000:1"));
        Assert.That(() => world.Of(TagGame.Runners)[EntityId.None], Throws.ArgumentException.With.Message.Contains("none"));
        Assert.That(() => world.Of<Thing>(null!), Throws.ArgumentNullException.With.Message.Contains("EntityKind<Thing>"));
        Assert.That(() => world.Get<Thing>(null!), Throws.ArgumentNullException.With.Message.Contains("SingletonKind<Thing>"));
        Assert.That(() => world.Schema.IndexOf((EventKind<Thing>)null!), Throws.ArgumentNullException.With.Message.Contains("EventKind<Thing>"));
        Assert.That(() => world.Schema.IndexOf((CommandKind<Thing>)null!), Throws.ArgumentNullException.With.Message.Contains("CommandKind<Thing>"));
        Assert.That((world.Players.Name(new PlayerId(99)), world.Players.IsTaken(new PlayerId(99)), world.OwnerOf(nowhere)), Is.EqualTo(("", false, PlayerId.None)));
        Assert.That(() => world.Counters[GameCount.SpawnRefused, 99], Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => world.Counters[(GameCount)99, 0], Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => world.Schema.Kinds[0].Seen.Clamped(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Ids_OutsideOfTheirNumbers_AreRefusedInsteadOfNamingAnother() => Assert.Multiple(() =>
    {
        Assert.That(() => new PlayerId(-2), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new PlayerId(65_536), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(new PlayerId(-1).IsNone, Is.True);
        Assert.That(() => new EntityId(65_536, 1), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("slot"));
        Assert.That(() => new EntityId(1, -1), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("generation"));
        Assert.That(new EntityId(65_535, 65_535).Slot, Is.EqualTo(65_535));
    });

    [TestCase(-1)]
    [TestCase(16)]
    [TestCase(32)]
    public void Buttons_OfAButtonThatIsNone_AreRefused(int index) => Assert.Multiple(() =>
    {
        var buttons = new Buttons();
        Assert.That(() => buttons.Set(index, true), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("0 to 15"));
        Assert.That(() => buttons.IsHeld(index), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => buttons.IsPressed(index), Throws.InstanceOf<ArgumentOutOfRangeException>());
        buttons.Set(15, true);
        Assert.That((buttons.IsHeld(15), buttons.IsHeld(0)), Is.EqualTo((true, false)));
    });

    [Test]
    public void Client_Null_IsNamed()
    {
        Assert.That(() => new GameClient<TagInput>(null!, s_nowhere), Throws.ArgumentNullException.With.Message.Contains("game"));
        Assert.That(() => new GameClient<TagInput>(new TagGame(), (PayloadSender)null!), Throws.ArgumentNullException.With.Message.Contains("sender"));
        Assert.That(() => new GameClient<TagInput>(new TagGame(), (IDatagramSocket)null!), Throws.ArgumentNullException.With.Message.Contains("socket"));
        var client = new GameClient<TagInput>(new TagGame(), s_nowhere);
        Assert.That(() => client.Connected(null!, 1), Throws.ArgumentNullException.With.Message.Contains("name"));
        Assert.That(client.State, Is.EqualTo(ClientState.Idle));
        Assert.That(() => client.Chat(null!), Throws.ArgumentNullException.With.Message.Contains("text"));
        var onSocket = new GameClient<TagInput>(new TagGame(), new SimulatedSocket(new SimulatedNetwork(1), PeerAddress.FromIPv4(0x0200000A, 20_000)));
        Assert.That(() => onSocket.Join(PeerAddress.FromIPv4(0x0100000A, 0), "ada", 1), Throws.ArgumentException.With.Message.Contains("port 0"));
        Assert.That(onSocket.State, Is.EqualTo(ClientState.Idle));
        Assert.That(() => client.TryGetOwned<Thing>(null!, out _), Throws.ArgumentNullException.With.Message.Contains("EntityKind<Thing>"));
        Assert.That(() => client.TryTakeEvent<Thing>(null!, out _), Throws.ArgumentNullException.With.Message.Contains("EventKind<Thing>"));
        Assert.That(() => client.View.Of<Thing>(null!), Throws.ArgumentNullException.With.Message.Contains("EntityKind<Thing>"));
    }

    [TestCase(nameof(ClientOptions.IdleTimeoutMillis), 1, 3_600_000)]
    [TestCase(nameof(ClientOptions.ReplayTicksMax), 1, 128)]
    [TestCase(nameof(ClientOptions.SmoothingMillis), 0, 10_000)]
    [TestCase(nameof(ClientOptions.ExtrapolationTicksMax), 0, 128)]
    public void ClientOptions_OutOfTheirRange_AreRefusedByNameOnEveryTransport(string option, int min, int max)
    {
        foreach (int value in new[] { min, max })
        {
            Assert.That(() => new GameClient<TagInput>(new TagGame(), s_nowhere, With(option, value)), Throws.Nothing);
        }

        foreach (int value in new[] { min - 1, -5, max + 1, int.MaxValue })
        {
            Assert.That(
                () => new GameClient<TagInput>(new TagGame(), s_nowhere, With(option, value)),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains(option).And.Message.Contains($"{min} to {max}").And.Message.Contains($"was {value}"));
        }

        Assert.That(() => new GameClient<TagInput>(new TagGame(), s_nowhere, new ClientOptions { Line = 0 }), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Line"));
    }

    [Test]
    public void Disconnected_OfDefault_DoesNotCompileToAReason()
    {
        var overloads = typeof(GameClient<TagInput>).GetMethods().Where(m => m.Name == "Disconnected").Select(m => m.GetParameters()).ToList();
        Assert.That(overloads.Exists(p => p.Any(one => one.IsOptional)), Is.False, "else `default` is a reason, as the call with fewer optional arguments wins");
        Assert.That(overloads.Count(p => p.Length == 1), Is.EqualTo(2), "a span and a reason: `default` is ambiguous");
        var client = new GameClient<TagInput>(new TagGame(), s_nowhere);
        client.Connected("ada", 1);
        client.Disconnected([]);
        Assert.That(client.EndReason, Is.EqualTo(LeaveReason.Unexplained));
    }

    private static ClientOptions With(string option, int value) => option switch
    {
        nameof(ClientOptions.IdleTimeoutMillis) => new ClientOptions { IdleTimeoutMillis = value },
        nameof(ClientOptions.ReplayTicksMax) => new ClientOptions { ReplayTicksMax = value },
        nameof(ClientOptions.SmoothingMillis) => new ClientOptions { SmoothingMillis = value },
        _ => new ClientOptions { ExtrapolationTicksMax = value },
    };

    private static World MakeWorld() => new(GameSchema<TagInput>.Of(new TagGame()), 4, seed: 1);

    private static Room MakeRoom() =>
        Room.Create(new TagGame(), new RoomOptions { PlayersMax = 4 }, [new InboundLane(1 << 16, 512)], [new SpscRing(1 << 16)]);
}
