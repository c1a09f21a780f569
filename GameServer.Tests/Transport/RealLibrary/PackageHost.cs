using System.Net;
using LiteNetLib;
using LiteNetLib.Layers;

namespace GameServer.Tests.Transport.RealLibrary;

/// <summary>A NetManager of the package LiteNetLib on loopback with its own threads, and everything that it reports.</summary>
internal sealed class PackageHost : IDisposable
{
    private readonly EventBasedNetListener _listener = new();

    public PackageHost(Action<NetManager>? configure = null, PacketLayerBase? layer = null)
    {
        Net = new NetManager(_listener, layer) { ChannelsCount = 4, IPv6Enabled = false, EnableStatistics = true };
        configure?.Invoke(Net);
        _listener.ConnectionRequestEvent += request =>
        {
            Requests.Add(request.Data.GetRemainingBytes());
            if (RejectData is { } data)
            {
                request.Reject(data);
            }
            else
            {
                request.Accept();
            }
        };
        _listener.PeerConnectedEvent += peer => Peer = peer;
        _listener.PeerDisconnectedEvent += (_, info) => Ends.Add((info.Reason, info.AdditionalData.IsNull ? [] : info.AdditionalData.GetRemainingBytes()));
        _listener.NetworkReceiveEvent += (_, reader, channel, method) =>
        {
            Messages.Add((method, channel, reader.GetRemainingBytes()));
            reader.Recycle();
        };
        _listener.NetworkReceiveUnconnectedEvent += (from, reader, _) => Unconnected.Add((from, reader.GetRemainingBytes()));
        _listener.PeerAddressChangedEvent += (_, _) => AddressChanges++;
        _listener.DeliveryEvent += (_, _) => Deliveries++;
        Start(0);
    }

    public NetManager Net { get; }

    /// <summary>The newest connection.</summary>
    public NetPeer? Peer { get; private set; }

    public bool IsConnected => Peer?.ConnectionState == ConnectionState.Connected;

    /// <summary>When set, requests are refused with it.</summary>
    public byte[]? RejectData { get; set; }

    public List<byte[]> Requests { get; } = [];

    public List<(DeliveryMethod Method, byte Channel, byte[] Bytes)> Messages { get; } = [];

    public List<(IPEndPoint From, byte[] Bytes)> Unconnected { get; } = [];

    public List<(DisconnectReason Reason, byte[] Data)> Ends { get; } = [];

    public int AddressChanges { get; private set; }

    public int Deliveries { get; private set; }

    public IPEndPoint Address => new(IPAddress.Loopback, Net.LocalPort);

    public void Poll() => Net.PollEvents();

    /// <summary>Stops without a word to anybody and starts again on the same port.</summary>
    public void Restart()
    {
        int port = Net.LocalPort;
        Net.Stop(sendDisconnectMessages: false);
        Start(port);
    }

    public void Dispose() => Net.Stop();

    private void Start(int port) => Assert.That(Net.Start(IPAddress.Loopback, IPAddress.IPv6Loopback, port), Is.True);
}
