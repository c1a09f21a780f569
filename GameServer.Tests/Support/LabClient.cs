using System.Numerics;
using GameServer.Arena;
using GameServer.Netcode.Client;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Support;

/// <summary>A whole client in virtual time, and somebody who plays on it: walks about, aims at whom he sees, shoots.</summary>
internal sealed class LabClient
{
    private readonly InputSampler<ArenaInput> _sampler;
    private readonly double _rate;
    private DeterministicRandom _random;
    private ArenaInput _input;
    private int _untilTurn;

    public LabClient(int index, SimulatedNetwork network, long framePeriodMicros, double driftPpm, ulong seed, ClientOptions? options = null)
    {
        Index = index;
        FramePeriodMicros = framePeriodMicros;
        _rate = 1 + (driftPpm / 1e6);
        _random = DeterministicRandom.From(seed, (ulong)index + 100);
        Address = PeerAddress.FromIPv4(0x0200000A, (ushort)(20_000 + index));
        Socket = new SimulatedSocket(network, Address);
        IsSpectator = options?.IsSpectator ?? false;
        Client = new GameClient<ArenaInput>(new ArenaGame(), Socket, (options ?? new ClientOptions()) with { Seed = seed + (ulong)index + 1 });
        _sampler = Sample;
        NextFrameMicros = index * 700;
    }

    public int Index { get; }

    public long FramePeriodMicros { get; set; }

    public PeerAddress Address { get; }

    public SimulatedSocket Socket { get; }

    public GameClient<ArenaInput> Client { get; }

    public long NextFrameMicros { get; set; }

    public bool IsSpectator { get; }

    /// <summary>Stands still, with no button down.</summary>
    public bool IsIdle { get; set; }

    public bool HoldsFire { get; set; }

    /// <summary>The process is gone: nothing is sent or received any more, and nobody is told.</summary>
    public bool IsSwitchedOff { get; set; }

    /// <summary>Bytes that updates have allocated, those of the network apart.</summary>
    public long UpdateBytesAllocated { get; private set; }

    public long JoinedAtMicros { get; private set; } = -1;

    public long StartedAtMicros { get; private set; }

    public long EndedAtMicros { get; private set; } = long.MaxValue;

    public string Name => $"lab{Index}";

    /// <summary>Deaths that this client was told of: an event that everybody gets and nobody predicts.</summary>
    public int KillsTaken { get; private set; }

    /// <summary>Lines of chat that were sent, and of which sender the newest seen was which.</summary>
    public int ChatsSent { get; private set; }

    public Dictionary<int, int> ChatSeen { get; } = [];

    public bool ChatWentBack { get; private set; }

    public long LocalMicros(long nowMicros) => (long)(nowMicros * _rate) + (Index * 1_000_000L);

    public void Join(PeerAddress server, long nowMicros)
    {
        Socket.NetworkMicros = nowMicros;
        StartedAtMicros = nowMicros;
        Client.Join(in server, Name, LocalMicros(nowMicros));
    }

    public void Leave(long nowMicros)
    {
        Socket.NetworkMicros = nowMicros;
        Client.Leave(LocalMicros(nowMicros));
    }

    /// <summary>Says its next number, so that everybody can tell what is missing or came back.</summary>
    public void Chat()
    {
        if (Client.Chat($"{Index}:{ChatsSent + 1}"))
        {
            ChatsSent++;
        }
    }

    public void Update(long nowMicros)
    {
        Socket.NetworkMicros = nowMicros;
        long before = GC.GetAllocatedBytesForCurrentThread() - Socket.BytesAllocated;
        Client.Update(LocalMicros(nowMicros), _sampler);
        UpdateBytesAllocated += GC.GetAllocatedBytesForCurrentThread() - Socket.BytesAllocated - before;
        if (JoinedAtMicros < 0 && Client.State == ClientState.Playing)
        {
            JoinedAtMicros = nowMicros;
        }

        if (EndedAtMicros == long.MaxValue && Client.State == ClientState.Ended)
        {
            EndedAtMicros = nowMicros;
        }

        while (Client.TryTakeEvent(ArenaGame.Shots, out _) || Client.TryTakeEvent(ArenaGame.Explosions, out _) || Client.TryTakeEvent(ArenaGame.RoundStarts, out _))
        {
        }

        while (Client.TryTakeEvent(ArenaGame.Kills, out _))
        {
            KillsTaken++;
        }

        ReadChat();
    }

    private void ReadChat()
    {
        string text = Client.LastChat.Text;
        int colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        if (colon > 0)
        {
            bool whole = int.TryParse(text.AsSpan(0, colon), System.Globalization.CultureInfo.InvariantCulture, out int sender)
                & int.TryParse(text.AsSpan(colon + 1), System.Globalization.CultureInfo.InvariantCulture, out int number);
            if (!whole)
            {
                return; // a link that flips bits, without an integrity layer, changes texts
            }

            ChatWentBack |= ChatSeen.TryGetValue(sender, out int before) && number < before;
            ChatSeen[sender] = number;
        }
    }

    private void Sample(ref ArenaInput input)
    {
        if (IsIdle)
        {
            _input.MoveX = _input.MoveZ = 0;
            _input.Buttons.Held = 0;
            input = _input;
            return;
        }

        if (--_untilTurn <= 0)
        {
            _untilTurn = 20 + _random.NextInt(60);
            float angle = _random.NextFloat(0, 6.28f);
            DeterministicMath.SinCos(angle, out _input.MoveX, out _input.MoveZ);
        }

        if (Client.TryGetOwned(ArenaGame.Soldiers, out Soldier me))
        {
            _input.Aim = AimFrom(in me, out bool sees);
            _input.Buttons.Set(ArenaInput.Fire, sees && !HoldsFire);
            _input.Buttons.Set(ArenaInput.Launch, !HoldsFire && _random.NextBool(0.02f));
        }

        input = _input;
    }

    private Vector3 AimFrom(in Soldier me, out bool sees)
    {
        ViewEntities<Soldier> soldiers = Client.View.Of(ArenaGame.Soldiers);
        float best = 1000;
        Vector3 aim = me.Aim;
        for (int i = 0; i < soldiers.Count; i++)
        {
            ref readonly Soldier other = ref soldiers[i];
            if (soldiers.IsOwn(i) || !other.IsAlive)
            {
                continue;
            }

            float distance = DeterministicMath.Distance(other.Chest, me.Eye);
            if (distance < best)
            {
                best = distance;
                aim = DeterministicMath.Normalize(other.Chest - me.Eye + new Vector3(_random.NextFloat(-0.5f, 0.5f), 0, _random.NextFloat(-0.5f, 0.5f)));
            }
        }

        sees = best < 1000;
        return aim;
    }
}
