using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Netcode.Server;

/// <summary>A connection that has not joined.</summary>
internal readonly record struct WaitingPeer(RecordHeader Header, PeerAddress Address, long ConnectionTime, Tick Since)
{
    /// <summary>Its schema is another one, and it was asked where they differ.</summary>
    public bool IsAsked { get; init; }
}

/// <summary>Connections that have not joined yet, oldest first: they hold no seat, and each owner has only so many.</summary>
/// <remarks>Owner: simulation thread. Allocates: when more wait than ever before.</remarks>
internal sealed class WaitingPeers
{
    private readonly List<WaitingPeer> _peers = new(64);

    public int Count => _peers.Count;

    public WaitingPeer Oldest => _peers[0];

    /// <summary>Adds a connection; false, and why, when its owner has enough of them.</summary>
    public bool TryAdd(in WaitingPeer peer, out string problem)
    {
        int host = 0;
        int prefix = 0;
        foreach (WaitingPeer other in _peers)
        {
            host += other.Address.IsSameHost(peer.Address) ? 1 : 0;
            prefix += other.Address.IsSamePrefix(peer.Address) ? 1 : 0;
        }

        problem = host >= Limits.WaitingPerAddress ? "too many connections of the address have not joined yet"
            : prefix >= Limits.WaitingPerPrefix ? "too many connections of the network have not joined yet" : string.Empty;
        if (problem.Length > 0)
        {
            return false;
        }

        _peers.Add(peer);
        return true;
    }

    public bool TryFind(in RecordHeader header, out WaitingPeer found)
    {
        int index = IndexOf(in header);
        found = index >= 0 ? _peers[index] : default;
        return index >= 0;
    }

    /// <summary>Takes note that a connection was asked where its schema differs.</summary>
    public void NoteAsked(in RecordHeader header)
    {
        int index = IndexOf(in header);
        if (index >= 0)
        {
            _peers[index] = _peers[index] with { IsAsked = true };
        }
    }

    public void Remove(in RecordHeader header)
    {
        int index = IndexOf(in header);
        if (index >= 0)
        {
            _peers.RemoveAt(index);
        }
    }

    private int IndexOf(in RecordHeader header)
    {
        for (int i = 0; i < _peers.Count; i++)
        {
            RecordHeader other = _peers[i].Header;
            if (other.Slot == header.Slot && other.NetworkThread == header.NetworkThread && other.Generation == header.Generation)
            {
                return i;
            }
        }

        return -1;
    }
}
