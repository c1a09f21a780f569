using System.Numerics;
using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;

namespace GameServer.Tests.Snapshots;

/// <summary>S3: the grid names everything within reach, whatever the coordinates.</summary>
public sealed class InterestGridTests
{
    [Test]
    public void Query_RandomPlaces_NamesAllWithinTheLeaveDistanceAndEachOnce()
    {
        Schema schema = GameSchema<ArenaInput>.Of(new ArenaGame());
        var world = new World(schema, 8, 1);
        var random = DeterministicRandom.From(95, 1);
        for (int i = 0; i < 200; i++)
        {
            world.Spawn(ArenaGame.Soldiers, new Soldier { Position = new Vector3(random.NextFloat(-3000, 3000), 0, random.NextFloat(-3000, 3000)), Health = 1 });
        }

        var grid = new InterestGrid(world);
        grid.Rebuild();
        var slots = new int[schema.SlotCount];
        int near = 0;
        foreach (EntityId center in world.Of(ArenaGame.Soldiers))
        {
            Vector3 point = world.Get(ArenaGame.Soldiers, center).Position + new Vector3(random.NextFloat(-20, 20), 0, random.NextFloat(-20, 20));
            var found = new HashSet<int>(slots[..grid.Query(point, slots)]);
            Assert.That(grid.Query(point, slots), Is.EqualTo(found.Count), "a slot was named twice");
            foreach (EntityId id in world.Of(ArenaGame.Soldiers))
            {
                if (Vector3.Distance(world.Get(ArenaGame.Soldiers, id).Position, point) <= schema.InterestLeave)
                {
                    near++;
                    Assert.That(found, Does.Contain((int)id.Slot));
                }
            }
        }

        Assert.That(near, Is.GreaterThan(150));
    }
}
