using System.Runtime.InteropServices;
using System.Security.Cryptography;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Server;

/// <summary>Where the chance of a room comes from. What steps draw is known to every client, what rules draw to none.</summary>
internal readonly struct RoomSeeds
{
    private const uint StepsLabel = 1;

    private RoomSeeds(ulong steps, ulong rules, SecretRandom secret)
    {
        Steps = steps;
        Rules = rules;
        Secret = secret;
    }

    /// <summary>Seed of the chance in steps: sent to every client, which predicts with it.</summary>
    public ulong Steps { get; }

    /// <summary>Seed of the chance in rules; never leaves the room.</summary>
    public ulong Rules { get; }

    /// <summary>The source of what not even its own past foretells; never leaves the room.</summary>
    public SecretRandom Secret { get; }

    /// <summary>The seeds that the options name, and the system's chance for those that they do not.</summary>
    public static RoomSeeds Of(RoomOptions options)
    {
        ulong rules = options.Seed ?? Draw();
        ulong steps = options.StepSeed ?? (options.Seed is { } seed ? MemoryMarshal.Read<ulong>(SecretRandom.Derive(seed, StepsLabel)) : Draw());
        return new RoomSeeds(steps, rules, options.Seed is { } given ? SecretRandom.Of(given) : new SecretRandom());
    }

    private static ulong Draw()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return MemoryMarshal.Read<ulong>(bytes);
    }
}
