namespace GameServer.Netcode.Transport;

/// <summary>A whole hostile network in virtual time: links with their own models between any addresses, reproducible by one seed.</summary>
/// <remarks>
/// Each direction of each pair of addresses is a link of its own. Owner: one thread. Units: microseconds of the caller's virtual clock.
/// Allocates: for links and receivers seen for the first time, and while more is under way than ever before.
/// </remarks>
public sealed class SimulatedNetwork
{
    private const int UnclaimedMax = 256;

    private readonly ulong _seed;
    private readonly Dictionary<(PeerAddress From, PeerAddress To), LinkState> _links = new();
    private readonly Dictionary<PeerAddress, Receiver> _receivers = new();
    private readonly List<Receiver> _open = [];
    private readonly Dictionary<PeerAddress, PeerAddress> _publicOf = new();
    private readonly Dictionary<PeerAddress, PeerAddress> _localOf = new();

    /// <summary>A network of perfect links.</summary>
    public SimulatedNetwork(ulong seed) => _seed = seed;

    /// <summary>The model of links that were not given one.</summary>
    public LinkModel DefaultModel { get; set; }

    /// <summary>Datagrams that were sent.</summary>
    public long SentCount { get; private set; }

    /// <summary>Datagrams that were lost.</summary>
    public long LostCount { get; private set; }

    /// <summary>When the next datagram arrives anywhere, or <see cref="long.MaxValue"/>.</summary>
    public long NextArrivalMicros
    {
        get
        {
            long next = long.MaxValue;
            foreach (Receiver receiver in _open)
            {
                next = Math.Min(next, receiver.Queue.NextMicros);
            }

            return next;
        }
    }

    /// <summary>Gives one direction a model; what is under way is not touched.</summary>
    public void SetLink(in PeerAddress from, in PeerAddress to, in LinkModel model) => LinkOf(from, to).Model = model;

    /// <summary>Gives all links a model, present and future ones.</summary>
    public void SetAllLinks(in LinkModel model)
    {
        DefaultModel = model;
        foreach (LinkState link in _links.Values)
        {
            link.Model = model;
        }
    }

    /// <summary>Holds one direction up: what is sent before that time arrives then.</summary>
    public void Pause(in PeerAddress from, in PeerAddress to, long untilMicros) => LinkOf(from, to).Pause(untilMicros);

    /// <summary>Lets others see <paramref name="local"/> under another address from here on; its former one reaches nobody.</summary>
    /// <remarks>The owner goes on to send from and receive at <paramref name="local"/>, as behind a router that changed its mind. Links keep their models.</remarks>
    public void ChangeAddress(in PeerAddress local, in PeerAddress seenAs)
    {
        if (_publicOf.TryGetValue(local, out PeerAddress former))
        {
            _localOf.Remove(former);
        }

        _publicOf[local] = seenAs;
        _localOf[seenAs] = local;
    }

    /// <summary>Sends a datagram on its way.</summary>
    public void Send(in PeerAddress from, in PeerAddress to, ReadOnlySpan<byte> datagram, long nowMicros)
    {
        SentCount++;
        PeerAddress local = to;
        if (_localOf.TryGetValue(to, out PeerAddress behind))
        {
            local = behind;
        }
        else if (_publicOf.ContainsKey(to))
        {
            LostCount++; // the address that its owner had before
            return;
        }

        OpenReceiver(from);
        Receiver receiver = ReceiverOf(local);
        if (!receiver.IsOpen && receiver.Queue.Count >= UnclaimedMax)
        {
            LostCount++;
            return;
        }

        PeerAddress seenAs = _publicOf.TryGetValue(from, out PeerAddress mapped) ? mapped : from;
        LostCount += LinkOf(from, local).Send(datagram, seenAs, nowMicros, receiver.Queue) == 0 ? 1 : 0;
    }

    /// <summary>Takes the next datagram that has arrived at <paramref name="to"/>.</summary>
    public bool TryReceive(in PeerAddress to, long nowMicros, Span<byte> destination, out int length, out PeerAddress from) =>
        OpenReceiver(to).Queue.TryTake(nowMicros, destination, out length, out from);

    /// <summary>Takes the next datagram that has arrived at <paramref name="to"/>, and says when it did.</summary>
    public bool TryReceive(in PeerAddress to, long nowMicros, Span<byte> destination, out int length, out PeerAddress from, out long arrivedMicros)
    {
        InFlightQueue queue = OpenReceiver(to).Queue;
        arrivedMicros = queue.NextMicros;
        return queue.TryTake(nowMicros, destination, out length, out from);
    }

    private LinkState LinkOf(in PeerAddress from, in PeerAddress to)
    {
        if (!_links.TryGetValue((from, to), out LinkState? link))
        {
            link = new LinkState(DefaultModel, _seed, (ulong)_links.Count);
            _links.Add((from, to), link);
        }

        return link;
    }

    private Receiver ReceiverOf(in PeerAddress address)
    {
        if (!_receivers.TryGetValue(address, out Receiver? receiver))
        {
            receiver = new Receiver();
            _receivers.Add(address, receiver);
        }

        return receiver;
    }

    private Receiver OpenReceiver(in PeerAddress address)
    {
        Receiver receiver = ReceiverOf(address);
        if (!receiver.IsOpen)
        {
            receiver.IsOpen = true;
            _open.Add(receiver);
        }

        return receiver;
    }

    private sealed class Receiver
    {
        public InFlightQueue Queue { get; } = new();

        public bool IsOpen { get; set; } // its owner sends or receives; others never show in the next arrival
    }
}
