using GameServer.Netcode.Client;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Support;

/// <summary>A whole client in virtual time, its frames and its clock, and the player who plays on it.</summary>
/// <typeparam name="TInput">The game's input.</typeparam>
internal sealed class LabClient<TInput>
    where TInput : unmanaged
{
    private readonly LabPlayer<TInput> _player;
    private readonly InputSampler<TInput> _sampler;
    private readonly double _rate;

    public LabClient(int index, LabGame<TInput> game, SimulatedNetwork network, LabOptions lab, ClientOptions? options = null)
    {
        double driftPpm = index % 2 == 0 ? lab.DriftPpm : -lab.DriftPpm;
        Index = index;
        FramePeriodMicros = lab.FramePeriodsMicros[index % lab.FramePeriodsMicros.Length];
        _rate = 1 + (driftPpm / 1e6);
        _player = game.CreatePlayer(index, lab.Seed);
        Address = PeerAddress.FromIPv4(0x0200000A, (ushort)(20_000 + index));
        Socket = new SimulatedSocket(network, Address) { ArrivalClock = lab.ArrivalStamps[index % lab.ArrivalStamps.Length] ? LocalMicros : null };
        IsSpectator = options?.IsSpectator ?? false;
        Client = new GameClient<TInput>(game.CreateGame(), Socket, (options ?? new ClientOptions()) with { Seed = lab.Seed + (ulong)index + 1, FirstEventSequence = lab.FirstEventSequence });
        _sampler = (ref TInput input) => _player.Sample(this, ref input);
        NextFrameMicros = index * 700;
    }

    public int Index { get; }

    public long FramePeriodMicros { get; set; }

    public PeerAddress Address { get; }

    public SimulatedSocket Socket { get; }

    public GameClient<TInput> Client { get; }

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

    /// <summary>Events of <see cref="LabGame{TInput}.Announced"/> that this client was told of.</summary>
    public int AnnouncedTaken { get; private set; }

    /// <summary>Its path was changed and was good enough before and since: the session must live on.</summary>
    public bool MustSurvive { get; set; }

    /// <summary>Lines of chat that were sent, and of which sender the newest seen was which.</summary>
    public int ChatsSent { get; private set; }

    public Dictionary<int, int> ChatSeen { get; } = [];

    public bool ChatWentBack { get; private set; }

    public long LocalMicros(long nowMicros) => (long)(nowMicros * _rate) + (Index * 1_000_000L);

    /// <summary>Tries once more, after an attempt that has ended.</summary>
    public void JoinAgain(PeerAddress server, long nowMicros)
    {
        EndedAtMicros = long.MaxValue;
        Join(server, nowMicros);
    }

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

    /// <summary>The process stands still for so long: no update, and what arrives waits.</summary>
    public void Hang(long micros) => NextFrameMicros += micros;

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

        AnnouncedTaken += _player.TakeEvents(this);
        ReadChat();
    }

    private void ReadChat()
    {
        while (Client.TryTakeChat(out ChatLine line))
        {
            ReadChat(line.Text);
        }
    }

    private void ReadChat(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
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
}
