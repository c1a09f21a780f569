using GameServer.Netcode.Client;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>One run of the lab in which everything is drawn from the seed: rates, links, who comes and goes, what breaks when.</summary>
internal sealed class SeedRun
{
    private const double FaultSeconds = 13.5;
    private const double StepSeconds = 0.25;

    private readonly ulong _seed;
    private DeterministicRandom _random;

    public SeedRun(ulong seed)
    {
        _seed = seed;
        _random = DeterministicRandom.From(seed, 77);
        int rate = Pick(20, 30, 60, 60, 60, 128);
        int clients = 4 + _random.NextInt(rate == 128 ? 5 : 13);
        bool corrupts = _random.NextBool(0.12f);
        Options = new LabOptions
        {
            Seed = seed,
            Clients = clients,
            PlayersMax = 24,
            TickRateHz = rate,
            FramePeriodsMicros = [4000 + _random.NextInt(29_000), 4000 + _random.NextInt(29_000), 4000 + _random.NextInt(13_000)],
            DriftPpm = _random.NextBool(0.5f) ? _random.NextInt(501) : 0,
            FirstTick = _random.NextBool(0.3f) ? uint.MaxValue - (uint)_random.NextInt(1000) : 1,
            FirstSnapshotSequence = _random.NextBool(0.3f) ? (ushort)(65_535 - _random.NextInt(900)) : (ushort)0,
            BudgetBytes = Pick(300, 600, 1200, 1200, 1200, 3000),
            Corrupts = corrupts,
            LinkOf = _ => (DrawLink(corrupts), DrawLink(corrupts)),
        };
        Lab = new Lab(Options);
    }

    public LabOptions Options { get; }

    public Lab Lab { get; }

    /// <summary>Faults, then a good network, then rest; returns a line that says what the run was.</summary>
    public string Run()
    {
        for (double at = 0; at < FaultSeconds; at += StepSeconds)
        {
            Lab.Run(StepSeconds);
            Disturb();
        }

        Lab.StopFaults();
        Lab.Run(3);
        Rest();
        return $"seed {_seed}: {Lab.Clients.Count} clients, {Options.TickRateHz} Hz, {Lab.Invariants.EntityChecks} entity checks, {Lab.Invariants.InputChecks} input checks, "
            + $"hash {Lab.Server.Room.StateHash:x16}, left [{string.Join(", ", Lab.Observer.Left.Select(l => l.Reason))}]";
    }

    private void Rest()
    {
        foreach (LabClient client in Lab.Clients)
        {
            client.IsIdle = true;
            client.HoldsFire = true;
        }

        Lab.Run(4);
        Lab.Invariants.AtRest();
        Lab.Invariants.CheckSilence();
    }

    private void Disturb()
    {
        if (_random.NextBool(0.04f))
        {
            Lab.Server.Stall(1 + _random.NextInt(6));
        }

        if (_random.NextBool(0.06f) && Lab.Playing.Count() < 16)
        {
            LabClient added = Lab.AddClient(_random.NextBool(0.2f) ? new ClientOptions { IsSpectator = true } : null);
            added.FramePeriodMicros = 4000 + _random.NextInt(29_000);
        }

        foreach (LabClient client in Lab.Playing.ToArray())
        {
            Disturb(client);
        }
    }

    private void Disturb(LabClient client)
    {
        PeerAddress server = Lab.Server.Address;
        PeerAddress own = client.Address;
        switch (_random.NextInt(400))
        {
            case 0:
                client.Leave(Lab.NowMicros);
                break;
            case 1:
                client.IsSwitchedOff = true;
                break;
            case 2 or 3:
                Lab.Network.Pause(in own, in server, PauseEnd());
                break;
            case 4 or 5:
                Lab.Network.Pause(in server, in own, PauseEnd());
                break;
            case 6:
                PeerAddress moved = PeerAddress.FromIPv4(0x0300000A, (ushort)(30_000 + client.Index + (_random.NextInt(50) * 100)));
                Lab.Network.ChangeAddress(in own, in moved);
                break;
            case 7:
                client.NextFrameMicros += _random.NextInt(600_000); // the process hangs
                break;
            case > 7 and < 20:
                client.Chat();
                break;
        }
    }

    // Faults stop in time: a pause does not outlive them.
    private long PauseEnd() => Math.Min(Lab.NowMicros + _random.NextInt(_random.NextBool(0.2f) ? 10_000_000 : 1_500_000), (long)(FaultSeconds * 1e6));

    private LinkModel DrawLink(bool corrupts)
    {
        int delayMillis = _random.NextInt(20) switch
        {
            < 10 => 2 + _random.NextInt(80),
            < 17 => 80 + _random.NextInt(120),
            < 19 => 200 + _random.NextInt(300),
            _ => 500 + _random.NextInt(500),
        };
        var link = new LinkModel
        {
            DelayMicros = delayMillis * 1000L,
            JitterMicros = _random.NextInt(Math.Min(delayMillis, 40) * 1000),
            LossPercent = _random.NextInt(10) switch { < 6 => _random.NextFloat(0, 6), < 9 => _random.NextFloat(5, 20), _ => _random.NextFloat(20, 50) },
            BurstPackets = _random.NextBool(0.5f) ? 1 + _random.NextFloat(0, 8) : 1,
            DuplicatePercent = _random.NextBool(0.3f) ? _random.NextFloat(0, 50) : 0,
            FlipPercent = corrupts ? _random.NextFloat(0, 8) : 0,
            TruncatePercent = corrupts ? _random.NextFloat(0, 4) : 0,
        };
        if (_random.NextBool(0.15f))
        {
            link.RateBytesPerSecond = 20_000 + _random.NextInt(40_000);
            link.QueueBytes = 8_000 + _random.NextInt(60_000);
        }

        return link;
    }

    private int Pick(params ReadOnlySpan<int> values) => values[_random.NextInt(values.Length)];
}
