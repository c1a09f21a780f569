using GameServer.Arena;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Server;

/// <summary>The dice: what clients are told foretells the chance of steps, and nothing of what the rules decide.</summary>
public sealed class SeedsTests
{
    [Test]
    public void Welcome_SeedThatClientsAreTold_ForetellsNoNumberOfTheRules()
    {
        var lab = new Lab(new LabOptions { Clients = 2 });
        lab.Run(1);
        ulong told = lab.Clients[0].Client.Welcome.Seed;
        Assert.That(told, Is.EqualTo(lab.Server.Room.StepSeed).And.Not.EqualTo(lab.Options.Seed));

        // As a cheater would: every generator that he can make of what he was told, run on for as long as the match may have drawn.
        ulong[] tries = [told, ~told, told + 1, told - 1];
        DeterministicRandom rules = lab.Server.Room.World.Random;
        foreach (ulong seed in tries)
        {
            DeterministicRandom guess = DeterministicRandom.From(seed, 0);
            for (int i = 0; i < 100_000; i++)
            {
                Assert.That(guess.State, Is.Not.EqualTo(rules.State), $"after {i} numbers");
                guess.NextUInt();
            }
        }
    }

    [Test]
    public void Room_NoSeedGiven_EveryRoomHasItsOwnChance()
    {
        Room one = Create(new RoomOptions());
        Room other = Create(new RoomOptions());
        Assert.That(one.World.Random.State, Is.Not.EqualTo(other.World.Random.State));
        Assert.That(one.StepSeed, Is.Not.EqualTo(other.StepSeed));
        Assert.That(one.World.SecretRandom.NextUInt() == other.World.SecretRandom.NextUInt() && one.World.SecretRandom.NextUInt() == other.World.SecretRandom.NextUInt(), Is.False);
    }

    [Test]
    public void Room_SeedGiven_RepeatsAllThreeSources()
    {
        Room one = Create(new RoomOptions { Seed = 5 });
        Room other = Create(new RoomOptions { Seed = 5 });
        Assert.That(one.World.Random.State, Is.EqualTo(other.World.Random.State));
        Assert.That(one.StepSeed, Is.EqualTo(other.StepSeed));
        Assert.That(one.World.SecretRandom.NextUInt(), Is.EqualTo(other.World.SecretRandom.NextUInt()));
        Assert.That(one.StateHash, Is.EqualTo(other.StateHash), "both have drawn one secret number");
        one.World.SecretRandom.NextUInt();
        Assert.That(one.StateHash, Is.Not.EqualTo(other.StateHash), "how far the secret source has got is state");
    }

    [Test]
    public void Room_SeedOfStepsGiven_IsTheOneThatIsSent()
    {
        Assert.That(Create(new RoomOptions { StepSeed = 77 }).StepSeed, Is.EqualTo(77));
        Assert.That(Create(new RoomOptions { Seed = 5, StepSeed = 77 }).StepSeed, Is.EqualTo(77));
        Assert.That(Create(new RoomOptions { Seed = 5 }).StepSeed, Is.Not.EqualTo(5UL));
    }

    private static Room Create(RoomOptions options) => Room.Create(new ArenaGame(), options, [new InboundLane(1 << 16, options.PeersPerThread)], [new SpscRing(1 << 16)]);
}
