using System.Numerics;
using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;

namespace GameServer.Tests.Snapshots;

/// <summary>Frames and what is said to have changed in them, also after ticks were left out.</summary>
public sealed class SnapshotHistoryTests
{
    [Test]
    public void Capture_AfterAnyJump_KnowsWhatChangedSinceTheFrameBefore(
        [Values(1, 2, 127, 128, 129, 256, 1280)] int jump, [Values(1u, 127u, uint.MaxValue - 100)] uint first)
    {
        var world = new World(GameSchema<ArenaInput>.Of(new ArenaGame()), 1, seed: 1) { Tick = new Tick(first) };
        var history = new SnapshotHistory(world);
        int moves = world.Spawn(ArenaGame.Soldiers, new Soldier { Health = 100 }).Slot;
        int stands = world.Spawn(ArenaGame.Soldiers, new Soldier { Health = 100 }).Slot;
        Tick before = new(first);
        Tick after = before + jump;
        history.Capture(before);
        world.Get(ArenaGame.Soldiers, world.IdOf(moves)).Position = new Vector3(10, 0, 10);
        history.Capture(after);
        Assert.That(history.Changed[moves], "what moved is not among what changed");
        Assert.That(history.Newest.ChangedAt[moves], Is.EqualTo(after));
        Assert.That(history.Newest.PreviousChangedAt[moves], Is.EqualTo(before));
        Assert.That(history.Changed[stands], Is.False, "what stood still is among what changed");
        Assert.That(history.Newest.ChangedAt[stands], Is.EqualTo(before));
        Assert.That(history.TryGet(before, out _), Is.EqualTo(jump % Limits.HistoryTicks != 0), "a frame that the next one has replaced");
        Assert.That(history.TryGet(after, out _));
    }
}
