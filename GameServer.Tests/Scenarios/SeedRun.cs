using GameServer.Netcode.Client;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>One run of the lab in which everything is drawn from the seed: rates, links, who comes and goes, what breaks when.</summary>
/// <typeparam name="TInput">The game's input.</typeparam>
internal sealed class SeedRun<TInput> : ISeedRun
    where TInput : unmanaged
{
    private const double FaultSeconds = 13.5;
    private const double StepSeconds = 0.25;
    private const int HomeSteps = 5;

    // Where counters of time that are narrower than 64 bits turn over: 2^31 and 2^32 microseconds, 2^31 and 2^32 milliseconds.
    private static readonly long[] Starts = [0, 0, 0, (1L << 31) - 7_000_000, (1L << 32) - 7_000_000, (1000L << 31) - 7_000_000, (1000L << 32) - 7_000_000, 1L << 50];

    private readonly ulong _seed;
    private readonly Dictionary<int, HomeLink>? _homes;
    private DeterministicRandom _random;
    private DeterministicRandom _more; // a stream of its own: what is drawn from the first one stays what it was

    /// <param name="game">The game.</param>
    /// <param name="seed">What all else is drawn from.</param>
    /// <param name="isHome">All play at 60 Hz and from homes (<see cref="HomeLink"/>), at 30, 60 or 144 frames a second.</param>
    public SeedRun(LabGame<TInput> game, ulong seed, bool isHome = false)
    {
        _seed = seed;
        _homes = isHome ? [] : null;
        _more = DeterministicRandom.From(seed, 78);
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
            FramePeriodsMicros = [4167 + _random.NextInt(29_000), 4167 + _random.NextInt(29_000), 4167 + _random.NextInt(13_000), DrawFramePeriod(), DrawFramePeriod()],
            ArrivalStamps = [_more.NextBool(0.5f), _more.NextBool(0.5f), _more.NextBool(0.5f)],
            StartMicros = Starts[_more.NextInt(Starts.Length)],
            FirstEventSequence = _more.NextBool(0.3f) ? (ushort)(65_535 - _more.NextInt(900)) : (ushort)0,
            DriftPpm = _random.NextBool(0.5f) ? _random.NextInt(501) : 0,
            FirstTick = _random.NextBool(0.3f) ? uint.MaxValue - (uint)_random.NextInt(1000) : 1,
            FirstSnapshotSequence = _random.NextBool(0.3f) ? (ushort)(65_535 - _random.NextInt(900)) : (ushort)0,
            BudgetBytes = Pick(300, 600, 1200, 1200, 1200, 3000),
            Corrupts = corrupts,
            LinkOf = _ => (DrawLink(corrupts), DrawLink(corrupts)),
        };
        if (isHome)
        {
            Options = Options with { TickRateHz = 60, FramePeriodsMicros = [16_667, 6_944, 33_333], Corrupts = false, LinkOf = HomeLinkOf };
        }

        Lab = new Lab<TInput>(game, Options);
    }

    public LabOptions Options { get; }

    public Lab<TInput> Lab { get; }

    public IEnumerable<string> Violations => Lab.Invariants.Violations.Values;

    public IEnumerable<(long Received, long Sent)> Traffic => Lab.Clients.Select(c => (c.Client.Stats.BytesReceived, c.Client.Stats.BytesSent));

    public string Describe() => Lab.Invariants.Describe();

    public string Run()
    {
        for (double at = 0; at < FaultSeconds; at += StepSeconds)
        {
            RunStep();
            Disturb();
        }

        Lab.StopFaults();
        Lab.Run(3);
        Rest();
        return $"{Lab.Game.Name} seed {_seed}: {Lab.Clients.Count} clients, {Options.TickRateHz} Hz, {Lab.Invariants.EntityChecks} entity checks, {Lab.Invariants.InputChecks} input checks, "
            + $"hash {Lab.Server.Room.StateHash:x16}, left [{string.Join(", ", Lab.Observer.Left.Select(l => l.Reason))}]";
    }

    private void RunStep()
    {
        for (int i = 0; i < HomeSteps && _homes is not null; i++)
        {
            foreach (LabClient<TInput> client in Lab.Clients)
            {
                (LinkModel up, LinkModel down) = _homes[client.Index].At(Lab.NowMicros);
                Lab.Network.SetLink(client.Address, Lab.Server.Address, in up);
                Lab.Network.SetLink(Lab.Server.Address, client.Address, in down);
            }

            Lab.Run(StepSeconds / HomeSteps);
        }

        if (_homes is null)
        {
            Lab.Run(StepSeconds);
        }
    }

    private (LinkModel Up, LinkModel Down) HomeLinkOf(int client)
    {
        long now = Lab is null ? Options.StartMicros : Lab.NowMicros;
        HomeLink home = _homes![client] = new HomeLink(_seed, client, now);
        return home.At(now);
    }

    private void Rest()
    {
        foreach (LabClient<TInput> client in Lab.Clients)
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
            LabClient<TInput> added = Lab.AddClient(_random.NextBool(0.2f) ? new ClientOptions { IsSpectator = true } : null);
            added.FramePeriodMicros = 4167 + _random.NextInt(29_000);
        }

        foreach (LabClient<TInput> client in Lab.Playing.ToArray())
        {
            Disturb(client);
        }

        if (_more.NextBool(0.02f))
        {
            HangServerAndSome();
        }
    }

    // Both sides stand still in windows that overlap, as processes of one machine do.
    private void HangServerAndSome()
    {
        Lab.Server.Hang(Lab.NowMicros + _more.NextInt(1_500_000));
        foreach (LabClient<TInput> client in Lab.Playing.Where(_ => _more.NextBool(0.5f)).ToArray())
        {
            client.Hang(_more.NextInt(2_000_000));
        }
    }

    private void Disturb(LabClient<TInput> client)
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
                client.Hang(_random.NextInt(_more.NextBool(0.5f) ? 600_000 : 4_000_000));
                break;
            case > 7 and < 20:
                client.Chat();
                break;
        }
    }

    // 10 to 240 frames a second.
    private int DrawFramePeriod() => 1_000_000 / (10 + _more.NextInt(231));

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
        if (_more.NextBool(0.2f))
        {
            link.MtuBytes = 508 + _more.NextInt(924);
        }

        if (_random.NextBool(0.15f))
        {
            link.RateBytesPerSecond = 20_000 + _random.NextInt(40_000);
            link.QueueBytes = 8_000 + _random.NextInt(60_000);
        }

        return link;
    }

    private int Pick(params ReadOnlySpan<int> values) => values[_random.NextInt(values.Length)];
}
