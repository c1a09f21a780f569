using GameServer.Arena;
using GameServer.Netcode.Client;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Support;

/// <summary>The virtual-time network lab: one server, its clients and a hostile network on one thread, from one seed.</summary>
/// <typeparam name="TInput">The game's input.</typeparam>
internal class Lab<TInput>
    where TInput : unmanaged
{
    private const long QuantumMicros = 1000;

    /// <summary>How long a client that has ended is still updated, so that its farewell leaves.</summary>
    private const long FarewellMicros = 1_000_000;

    public Lab(LabGame<TInput> game, LabOptions options)
    {
        Game = game;
        Options = options;
        NowMicros = options.StartMicros;
        Network = new SimulatedNetwork(options.Seed);
        var room = new RoomOptions
        {
            TickRateHz = options.TickRateHz,
            PlayersMax = options.PlayersMax,
            SpectatorsMax = options.SpectatorsMax,
            SpectatorDelayMillis = options.SpectatorDelayMillis,
            Seed = options.Seed,
            FirstTick = options.FirstTick,
            FirstSnapshotSequence = options.FirstSnapshotSequence,
            FirstEventSequence = options.FirstEventSequence,
            BudgetBytes = options.BudgetBytes,
            IdleTimeoutMillis = options.IdleTimeoutMillis,
            MaxRewindMillis = options.MaxRewindMillis,
            MaxRewindRoundTripMillis = options.MaxRewindRoundTripMillis,
            SyncTest = options.SyncTest,
            PeersPerThread = 128,
        };
        Observer = new LabObserver(room);
        Server = new LabServer(Network, room, (inbound, outbound, observer) => Room.Create(game.CreateGame(), room, inbound, outbound, observer), Observer, options.Seed, options.StartMicros);
        Observer.Room = Server.Room;
        Invariants = new LabInvariants<TInput>(this);
        for (int i = 0; i < options.Clients; i++)
        {
            AddClient();
        }
    }

    public LabGame<TInput> Game { get; }

    public LabOptions Options { get; }

    public SimulatedNetwork Network { get; }

    public LabServer Server { get; }

    public LabObserver Observer { get; }

    public LabInvariants<TInput> Invariants { get; }

    /// <summary>Everybody who ever tried to join, those who have left too.</summary>
    public List<LabClient<TInput>> Clients { get; } = [];

    public IEnumerable<LabClient<TInput>> Playing => Clients.Where(c => !c.IsSwitchedOff && c.Client.State == ClientState.Playing);

    public long NowMicros { get; private set; }

    /// <summary>Somebody else on the network: called at every step of time.</summary>
    public Action<long>? Stranger { get; set; }

    public LabClient<TInput> AddClient(ClientOptions? options = null)
    {
        int index = Clients.Count;
        var client = new LabClient<TInput>(index, Game, Network, Options, options);
        (LinkModel up, LinkModel down) = Options.LinkOf?.Invoke(index) ?? (Options.Up, Options.Down);
        Network.SetLink(client.Address, Server.Address, up);
        Network.SetLink(Server.Address, client.Address, down);
        client.NextFrameMicros += NowMicros;
        Clients.Add(client);
        client.Join(Server.Address, NowMicros);
        return client;
    }

    /// <summary>A client comes from another address from here on, over another path if one is given; its session must live on.</summary>
    public void ChangePath(LabClient<TInput> client, PeerAddress seenAs, (LinkModel Up, LinkModel Down)? path = null)
    {
        PeerAddress own = client.Address;
        Network.ChangeAddress(in own, in seenAs);
        client.MustSurvive = true;
        if (path is { } model)
        {
            Network.SetLink(client.Address, Server.Address, model.Up);
            Network.SetLink(Server.Address, client.Address, model.Down);
        }
    }

    /// <summary>Lets the network be perfect from here on, but for a constant delay.</summary>
    public void StopFaults(long delayMicros = 10_000)
    {
        foreach (LabClient<TInput> client in Clients)
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

            foreach (LabClient<TInput> client in Clients)
            {
                Update(client);
            }

            Stranger?.Invoke(NowMicros);
        }
    }

    private void Update(LabClient<TInput> client)
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

/// <summary>The lab with the sample game.</summary>
internal sealed class Lab(LabOptions options) : Lab<ArenaInput>(new ArenaLab(), options);
