using GameServer.Arena;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Support;

/// <summary>What a run of the lab is made of.</summary>
internal sealed record LabOptions
{
    public ulong Seed { get; init; } = 1;

    public int Clients { get; init; } = 8;

    public int TickRateHz { get; init; } = 60;

    public LinkModel Up { get; init; }

    public LinkModel Down { get; init; }

    public long[] FramePeriodsMicros { get; init; } = [8_000];

    public double DriftPpm { get; init; }

    public uint FirstTick { get; init; } = 1;

    public ushort FirstSnapshotSequence { get; init; }

    public int BudgetBytes { get; init; } = 1200;

    public bool SyncTest { get; init; } = true;

    public bool Checks { get; init; } = true;
}

/// <summary>The virtual-time network lab: one server, its clients and a hostile network on one thread, from one seed.</summary>
internal sealed class Lab
{
    private const long QuantumMicros = 1000;

    public Lab(LabOptions options)
    {
        Options = options;
        Network = new SimulatedNetwork(options.Seed);
        var room = new RoomOptions
        {
            TickRateHz = options.TickRateHz,
            PlayersMax = 64,
            Seed = options.Seed,
            FirstTick = options.FirstTick,
            FirstSnapshotSequence = options.FirstSnapshotSequence,
            BudgetBytes = options.BudgetBytes,
            SyncTest = options.SyncTest,
            PeersPerThread = 128,
        };
        Observer = new LabObserver(room);
        Server = new LabServer(Network, room, (inbound, outbound, observer) => Room.Create(new ArenaGame(), room, inbound, outbound, observer), Observer, options.Seed);
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

    public List<LabClient> Clients { get; } = [];

    public long NowMicros { get; private set; }

    public LabClient AddClient(ClientOptions? options = null)
    {
        int index = Clients.Count;
        double drift = index % 2 == 0 ? Options.DriftPpm : -Options.DriftPpm;
        var client = new LabClient(index, Network, Options.FramePeriodsMicros[index % Options.FramePeriodsMicros.Length], drift, Options.Seed, options);
        Network.SetLink(client.Address, Server.Address, Options.Up);
        Network.SetLink(Server.Address, client.Address, Options.Down);
        client.NextFrameMicros += NowMicros;
        Clients.Add(client);
        client.Join(Server.Address, NowMicros);
        return client;
    }

    /// <summary>Lets the network be perfect from here on.</summary>
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
                while (client.NextFrameMicros <= NowMicros)
                {
                    client.NextFrameMicros += client.FramePeriodMicros;
                    client.Update(NowMicros);
                    if (Options.Checks)
                    {
                        Invariants.AfterUpdate(client);
                    }
                }
            }
        }
    }
}

/// <summary>Counts what the room says.</summary>
internal sealed class LabObserver(RoomOptions options) : RoomObserver
{
    public int SnapshotBytesMax { get; private set; }

    public long SnapshotBytes { get; private set; }

    public long Snapshots { get; private set; }

    public float RewindTicksMax { get; private set; }

    public long Diverged { get; private set; }

    public List<string> Left { get; } = [];

    public override void SnapshotWritten(int bytes)
    {
        SnapshotBytesMax = Math.Max(SnapshotBytesMax, bytes);
        SnapshotBytes += bytes;
        Snapshots++;
    }

    public override void RayJudged(float rewindTicks, bool clamped, bool extrapolated, bool hit) => RewindTicksMax = Math.Max(RewindTicksMax, rewindTicks);

    public override void StepDiverged(EntityId entity, Tick tick) => Diverged++;

    public override void PlayerLeft(PlayerId player, Netcode.Messages.LeaveReason reason) => Left.Add($"{player}: {reason}");

    public double CapTicks => options.MaxRewindMillis * options.TickRateHz / 1000.0;
}
