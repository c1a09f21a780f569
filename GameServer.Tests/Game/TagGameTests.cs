using System.Numerics;
using GameServer.Netcode.Game;
using GameServer.Tests.Support;

namespace GameServer.Tests.Game;

/// <summary>A second game goes through the same door: nothing of the arena is built into the contract.</summary>
public class TagGameTests
{
    [Test]
    public void Tag_WithinReach_PassesItOn()
    {
        var game = new GameDriver<TagInput>(new TagGame()) { SyncTest = true };
        PlayerId a = game.Join(), b = game.Join();
        Me(game, a).Position = default;
        Me(game, b).Position = new Vector3(5, 0, 0);
        Assert.That((Me(game, a).IsIt, Me(game, b).IsIt), Is.EqualTo((1, 0)));
        game.Run(40);
        Press(game, a);
        Assert.That(game.EventsOf(TagGame.Tags), Is.Empty, "out of reach");

        game.Input(a).MoveX = 1;
        game.Run(45);
        game.Input(a).MoveX = 0;
        Press(game, a);
        Assert.That(game.EventsOf(TagGame.Tags).Single().Whom, Is.EqualTo(b));
        Assert.That((Me(game, a).IsIt, Me(game, b).IsIt), Is.EqualTo((0, 1)));

        Press(game, b);
        Assert.That(game.EventsOf(TagGame.Tags), Is.Empty, "not at once back");
        game.Run(31);
        Press(game, b);
        Assert.That(game.EventsOf(TagGame.Tags).Single().Whom, Is.EqualTo(a));
    }

    [Test]
    public void Post_MoreThanTheQueueHolds_IsCounted()
    {
        var queue = new CommandQueue<Reach>(2);
        queue.Add(EntityId.None, PlayerId.None, default);
        queue.Add(EntityId.None, PlayerId.None, default);
        queue.Add(EntityId.None, PlayerId.None, default);
        Assert.That(queue.Items.Length, Is.EqualTo(2));
        Assert.That(queue.Overflows, Is.EqualTo(1));
        queue.Clear();
        Assert.That(queue.Items.Length, Is.Zero);
    }

    private static ref Runner Me(GameDriver<TagInput> game, PlayerId player) =>
        ref game.World.Get(TagGame.Runners, game.World.Players.Avatar(player));

    private static void Press(GameDriver<TagInput> game, PlayerId player)
    {
        game.Input(player).Buttons.Pressed = 1;
        game.Run();
        game.Input(player).Buttons.Pressed = 0;
    }
}
