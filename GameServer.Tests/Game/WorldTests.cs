using System.Numerics;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Tests.Support;

namespace GameServer.Tests.Game;

public class WorldTests
{
    private static readonly PlayerId One = new(0);
    private static readonly PlayerId Two = new(1);

    [Test]
    public void Spawn_UntilFull_GivesNoneThen()
    {
        World world = NewWorld();
        var ids = new HashSet<EntityId>();
        for (int i = 0; i < 32; i++)
        {
            EntityId id = world.Spawn(TagGame.Runners, new Runner { Position = new Vector3(i, 0, 0) });
            Assert.That(id.IsNone, Is.False);
            ids.Add(id);
        }

        Assert.That(ids, Has.Count.EqualTo(32));
        Assert.That(world.Spawn(TagGame.Runners, default).IsNone, Is.True);
        Assert.That(Count(world), Is.EqualTo(32));
    }

    [Test]
    public void Despawn_SlotIsUsedAgain_OnlyAfterTheRewindIsOver()
    {
        World world = NewWorld();
        EntityId[] ids = [.. Enumerable.Range(0, 32).Select(_ => world.Spawn(TagGame.Runners, default))];
        world.Despawn(ids[5]);
        world.Tick += Limits.SlotReuseTicks - 1;
        Assert.That(world.Spawn(TagGame.Runners, default).IsNone, Is.True);
        world.Tick += 1;
        EntityId again = world.Spawn(TagGame.Runners, default);
        Assert.That(again.Slot, Is.EqualTo(ids[5].Slot));
        Assert.That(again.Generation, Is.EqualTo(ids[5].Generation + 1));
        Assert.That(world.IsAlive(ids[5]), Is.False);
        Assert.That(world.IsAlive(again), Is.True);
        Assert.That(() => world.Get(TagGame.Runners, ids[5]), Throws.ArgumentException);
        world.Despawn(ids[5]);
        Assert.That(world.IsAlive(again), Is.True, "an old id ends nothing");
    }

    [Test]
    public void Despawn_NeverUsedSlots_ComeFirst()
    {
        World world = NewWorld();
        EntityId first = world.Spawn(TagGame.Runners, default);
        world.Despawn(first);
        for (int i = 0; i < 31; i++)
        {
            Assert.That(world.Spawn(TagGame.Runners, default).Slot, Is.Not.EqualTo(first.Slot));
        }

        Assert.That(world.Spawn(TagGame.Runners, default).IsNone, Is.True, "its rest is not over");
    }

    [Test]
    public void Generation_Wraps_AroundZero()
    {
        World world = NewWorld();
        EntityId id = world.Spawn(TagGame.Runners, default);
        world.Meta(id.Slot).Generation = ushort.MaxValue;
        world.Despawn(world.IdOf(id.Slot));
        EntityId[] rest = [.. Enumerable.Range(0, 31).Select(_ => world.Spawn(TagGame.Runners, default))];
        world.Tick += Limits.SlotReuseTicks;
        EntityId again = world.Spawn(TagGame.Runners, default);
        Assert.That(again.Slot, Is.EqualTo(id.Slot));
        Assert.That(again.Generation, Is.EqualTo(1), "0 names no entity");
        Assert.That(rest, Does.Not.Contain(again));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(4)]
    [TestCase(256)]
    public void Teleport_SeveralTimesInATick_CountsOnce(int times)
    {
        World world = NewWorld();
        EntityId id = world.Spawn(TagGame.Runners, default);
        for (int tick = 1; tick <= 300; tick++)
        {
            world.Tick += 1;
            for (int i = 0; i < times; i++)
            {
                world.Teleport(id);
            }

            Assert.That(world.Meta(id.Slot).Teleports, Is.EqualTo((byte)tick), "another number than in the tick before, also where it wraps");
        }
    }

    [Test]
    public void OwnedSlots_KeepTheOrderOfSpawning()
    {
        World world = NewWorld();
        EntityId[] ids = [.. Enumerable.Range(0, 5).Select(_ => world.Spawn(TagGame.Runners, default, One))];
        world.Despawn(ids[1]);
        world.SetOwner(ids[3], Two);
        Assert.That(world.OwnedSlots(One), Is.EqualTo(new[] { (int)ids[0].Slot, ids[2].Slot, ids[4].Slot }));
        Assert.That(world.OwnedSlots(Two), Is.EqualTo(new[] { (int)ids[3].Slot }));
        Assert.That(world.OwnerOf(ids[3]), Is.EqualTo(Two));
        Assert.That(world.OwnerOf(ids[1]), Is.EqualTo(PlayerId.None));
        world.SetOwner(ids[3], PlayerId.None);
        Assert.That(world.OwnedSlots(Two), Is.Empty);
        world.SetOwner(ids[3], One);
        Assert.That(world.OwnedSlots(One), Is.EqualTo(new[] { (int)ids[0].Slot, ids[2].Slot, ids[3].Slot, ids[4].Slot }), "as its client steps them, whoever had them before");
    }

    [TestCase(Limits.OwnedEntitiesMax - 1, true)]
    [TestCase(Limits.OwnedEntitiesMax, false)]
    public void Spawn_OwnerHasNearlyAllThatOneMayOwn_TakesOneMoreAndThenNone(int owned, bool takesOneMore)
    {
        var world = new World(GameSchema<FleetInput>.Of(new FleetGame(1)), 4, seed: 1) { Tick = new Tick(5) };
        EntityId others = world.Spawn(FleetGame.Ships, default, Two);
        for (int i = 0; i < owned; i++)
        {
            Assert.That(world.Spawn(FleetGame.Ships, default, One).IsNone, Is.False);
        }

        Assert.That(world.SetOwner(others, One), Is.EqualTo(takesOneMore));
        Assert.That(world.OwnerOf(others), Is.EqualTo(takesOneMore ? One : Two));
        Assert.That(world.SetOwner(others, Two), Is.True);
        Assert.That(world.Spawn(FleetGame.Ships, default, One).IsNone, Is.EqualTo(!takesOneMore));
        Assert.That(world.OwnedSlots(One), Has.Count.EqualTo(Limits.OwnedEntitiesMax));
        Assert.That(world.Spawn(FleetGame.Ships, default).IsNone, Is.False, "nobody's entities are no matter");
        Assert.That(world.SetOwner(EntityId.None, One), Is.False);
    }

    [Test]
    public void Is_IdsFromNowhere_AreFalse()
    {
        World world = NewWorld();
        Assert.That(world.Is(new EntityId(60000, 1), TagGame.Runners), Is.False);
        Assert.That(world.IsAlive(EntityId.None), Is.False);
        Assert.That(world.OwnerOf(new EntityId(60000, 9)), Is.EqualTo(PlayerId.None));
        world.Despawn(new EntityId(60000, 1));
        world.Teleport(new EntityId(60000, 1));
        Assert.That(world.Players.Avatar(PlayerId.None), Is.EqualTo(EntityId.None));
        Assert.That(world.Players.Name(new PlayerId(500)), Is.Empty);
        Assert.That(world.Players.IsTaken(PlayerId.None), Is.False);
    }

    [Test]
    public void Hash_AnyDifference_Changes()
    {
        World world = NewWorld();
        EntityId id = world.Spawn(TagGame.Runners, default, One);
        var hashes = new HashSet<ulong> { world.Hash() };
        world.Get(TagGame.Runners, id).Position.Y = 0.5f;
        Assert.That(hashes.Add(world.Hash()), Is.True, "a component");
        world.SetOwner(id, Two);
        Assert.That(hashes.Add(world.Hash()), Is.True, "an owner");
        world.Teleport(id);
        Assert.That(hashes.Add(world.Hash()), Is.True, "a teleport");
        world.Random.NextUInt();
        Assert.That(hashes.Add(world.Hash()), Is.True, "chance");
        world.Spawn(TagGame.Runners, default);
        Assert.That(hashes.Add(world.Hash()), Is.True, "an entity");
        world.Despawn(id);
        Assert.That(hashes.Add(world.Hash()), Is.True, "its end");
    }

    [Test]
    public void Of_SpawnAndDespawnMeanwhile_MeetsEachLivingOnce()
    {
        World world = NewWorld();
        for (int i = 0; i < 10; i++)
        {
            world.Spawn(TagGame.Runners, new Runner { IsIt = i });
        }

        var met = new List<EntityId>();
        foreach (EntityId id in world.Of(TagGame.Runners))
        {
            met.Add(id);
            world.Despawn(id);
        }

        Assert.That(met, Has.Count.EqualTo(10).And.Unique);
        Assert.That(Count(world), Is.Zero);
    }

    private static World NewWorld() => new(GameSchema<TagInput>.Of(new TagGame()), 4, seed: 1) { Tick = new Tick(uint.MaxValue - 50) };

    private static int Count(World world)
    {
        int count = 0;
        foreach (EntityId _ in world.Of(TagGame.Runners))
        {
            count++;
        }

        return count;
    }
}
