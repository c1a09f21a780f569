namespace GameServer.Netcode.Transport;

/// <summary>One direction of a bad link, to put between an endpoint and a real socket.</summary>
/// <remarks>Owner: one thread. Reproducible: the same seed, datagrams and times give the same result. Allocates: only while more is under way than ever before.</remarks>
public sealed class LinkImpairment
{
    private readonly InFlightQueue _queue = new();
    private readonly LinkState _state;

    /// <summary>A link without anything on it.</summary>
    public LinkImpairment(LinkModel model, ulong seed) => _state = new LinkState(model, seed, stream: 0);

    /// <summary>When the next datagram comes out, or <see cref="long.MaxValue"/>.</summary>
    public long NextMicros => _queue.NextMicros;

    /// <summary>Puts a datagram in, with the address it goes to or came from.</summary>
    public void Send(ReadOnlySpan<byte> datagram, in PeerAddress address, long nowMicros) =>
        _state.Send(datagram, address, nowMicros, _queue);

    /// <summary>Takes the next datagram that has come out.</summary>
    public bool TryTake(long nowMicros, Span<byte> destination, out int length, out PeerAddress address) =>
        _queue.TryTake(nowMicros, destination, out length, out address);
}
