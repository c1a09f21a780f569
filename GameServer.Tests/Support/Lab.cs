using GameServer.Arena;
using GameServer.Netcode.Client;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Support;

/// <summary>What a run of the lab is made of.</summary>
internal sealed record LabOptions
{
    public ulong Seed { get; init; } = 1;

    public int Clients { get; init; } = 8;

    public int PlayersMax { get; init; } = 32;

    public int SpectatorsMax { get; init; } = 4;

    public int TickRateHz { get; init; } = 60;

    public LinkModel Up { get; init; }

    public LinkModel Down { get; init; }

    /// <summary>The link of each client, by its number; none: <see cref="Up"/> and <see cref="Down"/>.</summary>
    public Func<int, (LinkModel Up, LinkModel Down)>? LinkOf { get; init; }

    public long[] FramePeriodsMicros { get; init; } = [8_000];

    public double DriftPpm { get; init; }

    public uint FirstTick { get; init; } = 1;

    public ushort FirstSnapshotSequence { get; init; }

    public int BudgetBytes { get; init; } = 1200;

    public int MaxRewindMillis { get; init; } = 250;

    public bool SyncTest { get; init; } = true;

    public bool Checks { get; init; } = true;

    /// <summary>Bits are flipped on the way and nothing seals them: only T5, M1, M2, P1, S6 and L2 can be demanded.</summary>
    public bool Corrupts { get; init; }
}

/// <summary>The virtual-time network lab: one server, its clients and a hostile network on one thread, from one seed.</summary>
internal sealed class Lab
{
    private const long QuantumMicros = 1000;

    /// <summary>How long a client that has ended is still updated, so that its farewell leaves.</summary>
    private const long FarewellMicros = 1_000_000;

    public Lab(LabOptions options)
    {
        Options = options;
        Network = new SimulatedNetwork(options.Seed);
        var room = new RoomOptions
        {
            TickRateHz = options.TickRateHz,
            PlayersMax = options.PlayersMax,
            SpectatorsMax = options.SpectatorsMax,
            Seed = options.Seed,
            FirstTick = options.FirstTick,
            FirstSnapshotSequence = options.FirstSnapshotSequence,
            BudgetBytes = options.BudgetBytes,
            MaxRewindMillis = options.MaxRewindMillis,
            SyncTest = options.SyncTest,
            PeersPerThread = 128,
        };
        Observer = new LabObserver(room);
        Server = new LabServer(Network, room, (inbound, outbound, observer) => Room.Create(new ArenaGame(), room, inbound, outbound, observer), Observer, options.Seed);
        Observer.Room = Server.Room;
        Invariants = new LabInvariants(this);
        for (int i = 0; i < options.Clients; i++)
        {
            AddClient();
        }
    }

    public LabOptions Options { get; }

    public SimulatedNetwork Network { get; }

    public LabServer Server { get; }

    public LabObserver Observer { get; }

    public LabInvariants Invariants { get; }

    /// <summary>Everybody who ever tried to join, those who have left too.</summary>
    public List<LabClient> Clients { get; } = [];

    public IEnumerable<LabClient> Playing => Clients.Where(c => !c.IsSwitchedOff && c.Client.State == ClientState.Playing);

    public long NowMicros { get; private set; }

    /// <summary>Somebody else on the network: called at every step of time.</summary>
    public Action<long>? Stranger { get; set; }

    public LabClient AddClient(ClientOptions? options = null)
    {
        int index = Clients.Count;
        double drift = index % 2 == 0 ? Options.DriftPpm : -Options.DriftPpm;
        var client = new LabClient(index, Network, Options.FramePeriodsMicros[index % Options.FramePeriodsMicros.Length], drift, Options.Seed, options);
        (LinkModel up, LinkModel down) = Options.LinkOf?.Invoke(index) ?? (Options.Up, Options.Down);
        Network.SetLink(client.Address, Server.Address, up);
        Network.SetLink(Server.Address, client.Address, down);
        client.NextFrameMicros += NowMicros;
        Clients.Add(client);
        client.Join(Server.Address, NowMicros);
        return client;
    }

    /// <summary>Lets the network be perfect from here on, but for a constant delay.</summary>
    public void StopFaults(long delayMicros = 10_000)
    {
        foreach (LabClient client in Clients)
        {
            Network.SetLink(client.Address, Server.Address, new LinkModel { DelayMicros = delayMicros });
            Network.SetLink(Server.Address, client.Address, new LinkModel { DelayMicros = delayMicros });
        }
    }

    public void Run(double seconds)
    {
        long end = NowMicros + (long)(seconds * 1e6);
        while (NowMicros < end)
        {
            NowMicros += QuantumMicros;
            Server.Receive(NowMicros);
            while (Server.TryTick(NowMicros))
            {
                if (Options.Checks)
                {
                    Invariants.AfterTick();
                }
            }

            foreach (LabClient client in Clients)
            {
                Update(client);
            }

            Stranger?.Invoke(NowMicros);
        }
    }

    private void Update(LabClient client)
    {
        while (client.NextFrameMicros <= NowMicros)
        {
            client.NextFrameMicros += client.FramePeriodMicros;
            if (client.IsSwitchedOff || client.EndedAtMicros < NowMicros - FarewellMicros)
            {
                continue;
            }

            client.Update(NowMicros);
            if (Options.Checks)
            {
                Invariants.AfterUpdate(client);
            }
        }
    }
}
