using GameServer.Netcode.Transport;

namespace GameServer.Bench.Sockets;

/// <summary>An echo server that serves when it is called.</summary>
internal interface IEcho : IDisposable
{
    string Name { get; }

    PeerAddress Address { get; }

    /// <summary>Looks for datagrams once, answers what is there, and returns how many datagrams that were.</summary>
    int Serve();
}
