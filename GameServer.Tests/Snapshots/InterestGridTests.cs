using System.Numerics;
using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;

namespace GameServer.Tests.Snapshots;

/// <summary>S3: the grid names everything within reach and nothing else, whatever the coordinates.</summary>
public sealed class InterestGridTests
{
    [Test]
    public void Query_RandomPlaces_NamesWhatIsWithinReachAndNothingElse()
    {
        Schema schema = GameSchema<ArenaInput>.Of(new ArenaGame());
        var world = new World(schema, 8, 1);
        var random = DeterministicRandom.From(95, 1);
        var known = new SlotSet(schema.SlotCount);
        for (int i = 0; i < 200; i++)
        {
            EntityId id = world.Spawn(ArenaGame.Soldiers, new Soldier { Position = new Vector3(random.NextFloat(-3000, 3000), 0, random.NextFloat(-3000, 3000)), Health = 1 });
            if (random.NextInt(2) == 0)
            {
                known.Add(id.Slot);
            }
        }

        var grid = new InterestGrid(world);
        grid.Rebuild();
        var near = new SlotSet(schema.SlotCount);
        int within = 0, leaving = 0;
        foreach (EntityId center in world.Of(ArenaGame.Soldiers))
        {
            Vector3 point = world.Get(ArenaGame.Soldiers, center).Position + new Vector3(random.NextFloat(-20, 20), 0, random.NextFloat(-20, 20));
            near.Clear();
            grid.Query(point, known, near);
            foreach (EntityId id in world.Of(ArenaGame.Soldiers))
            {
                float distance = Vector3.Distance(world.Get(ArenaGame.Soldiers, id).Position, point);
                bool keeps = distance > schema.InterestEnter && distance <= schema.InterestLeave && known[id.Slot];
                within += distance <= schema.InterestEnter ? 1 : 0;
                leaving += keeps ? 1 : 0;
                Assert.That(near[id.Slot], Is.EqualTo(keeps || distance <= schema.InterestEnter), $"{distance} m");
            }

            Assert.That(near[world.IdOf(schema.SlotCount - 1).Slot], Is.True, "what has no place is always near");
        }

        Assert.That(within, Is.GreaterThan(120));
        Assert.That(leaving, Is.GreaterThan(3));
    }
}
