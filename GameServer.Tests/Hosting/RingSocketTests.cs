using System.Collections;
using System.Net;
using GameServer.Arena;
using GameServer.Bots;
using GameServer.Configuration;
using GameServer.Hosting;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;
using GameServer.Operations;

namespace GameServer.Tests.Hosting;

/// <summary>A whole server with its threads: connections that never join and send all they can take no room of those who play.</summary>
[Category("Socket")]
[NonParallelizable]
public sealed class RingSocketTests
{
    private const int Players = 4;
    private const int Unjoined = 20;
    private const int FloodMillis = 2_500;

    [Test]
    public void Unjoined_OfOneAddressFlood_NothingOfThePlayersIsDroppedForWantOfRoom()
    {
        var telemetry = new ServerTelemetry();
        var control = new ServerControl(Players + MatchServer.SpectatorsMax, drainTimeoutSeconds: 0);
        string[] arguments =
            ["serve", "--port", "0", "--bind", "127.0.0.1", "--bots", "0", "--max-players", $"{Players}", "--cpu-affinity", "none"];
        var options = (ServeOptions)CommandLine.Parse(arguments, new Hashtable(), TextWriter.Null, TextWriter.Null).Options!;
        using MatchServer server = MatchServer.Create(new ArenaGame(), options, port: 0, telemetry, control);
        control.RequestFirstMatch(new MatchRequest("ring", new Dictionary<string, string>()));
        server.Start();
        var address = PeerAddress.From(server.Address);
        var fleet = new FleetOptions(address, Players, 1, default, PortableSocket: false);
        using var players = new BotFleet<ArenaInput>(new ArenaGame(), static seed => new ArenaBot(seed), fleet);
        players.Start();
        Assert.That(() => players.Playing, Is.EqualTo(Players).After(20_000, 20));
        long executed = telemetry.Simulation.InputsExecuted.Value;
        using (var strangers = new Strangers(address))
        {
            Thread.Sleep(FloodMillis);
            strangers.Stop();
            Assert.That(strangers.Connects, Is.GreaterThanOrEqualTo(Unjoined));
        }

        DropCounters drops = telemetry.Network[0].Drops!;
        Assert.Multiple(() =>
        {
            Assert.That(
                drops[DropReason.UnreliableReplaced] + drops[DropReason.UnreliableOverBudget], Is.GreaterThan(1_000), "the flood arrived");
            Assert.That(drops[DropReason.EventQueueFull] + drops[DropReason.InboundRingFull], Is.Zero);
            Assert.That(players.Playing, Is.EqualTo(Players));
            Assert.That(telemetry.Simulation.InputsExecuted.Value - executed, Is.GreaterThan(Players * 60), "the players' inputs went on");
            Assert.That(server.Failure, Is.Null);
        });
        players.Stop();
        control.RequestStop("done");
        server.Simulation.WaitForEnd(TimeSpan.FromSeconds(5));
        server.StopNetwork();
    }

    /// <summary>Connections of one address on a thread of their own, which connect again when they are ended.</summary>
    private sealed class Strangers : IDisposable
    {
        private readonly IDatagramSocket[] _sockets;
        private readonly TransportEndpoint[] _endpoints;
        private readonly TransportPort[] _ports;
        private readonly PeerId[] _peers = new PeerId[Unjoined];
        private readonly PeerAddress _server;
        private readonly Thread _thread;
        private bool _stop;

        public Strangers(PeerAddress server)
        {
            _server = server;
            var socket = new SocketOptions { Bind = new IPEndPoint(IPAddress.Loopback, 0) };
            var options = new TransportOptions { MaxPeers = 1, Channels = 1, AcceptConnections = false };
            _sockets = [.. Enumerable.Range(0, Unjoined).Select(_ => DatagramSocket.Open(socket))];
            _endpoints = [.. _sockets.Select((_, i) => new TransportEndpoint(options, (ulong)i + 9, SocketClock.Micros))];
            _ports = [.. _sockets.Select((s, i) => new TransportPort(s, _endpoints[i], 16))];
            _thread = new Thread(Run) { IsBackground = true };
            _thread.Start();
        }

        public int Connects { get; private set; }

        public void Stop()
        {
            Volatile.Write(ref _stop, true);
            _thread.Join();
        }

        public void Dispose()
        {
            Stop();
            Array.ForEach(_sockets, static s => s.Dispose());
        }

        private void Run()
        {
            while (!Volatile.Read(ref _stop))
            {
                for (int i = 0; i < Unjoined; i++)
                {
                    Update(i);
                }

                Thread.Sleep(1);
            }
        }

        private void Update(int index)
        {
            TransportEndpoint endpoint = _endpoints[index];
            _ports[index].Receive();
            endpoint.Advance(SocketClock.Micros);
            while (endpoint.TryPeekEvent(out TransportEvent e, out _))
            {
                Connects += e.Kind == TransportEventKind.Connected ? 1 : 0;
                endpoint.ConsumeEvent();
            }

            if (endpoint.PeerCount == 0)
            {
                _peers[index] = endpoint.Connect(_server, new byte[20], SocketClock.Micros);
            }

            for (int n = 0; n < 40; n++)
            {
                DeliveryMethod method = n < 30 ? DeliveryMethod.Unreliable : DeliveryMethod.ReliableOrdered;
                endpoint.Send(_peers[index], method, 0, new byte[n < 28 ? 1 : 400]);
            }

            _ports[index].Send();
        }
    }
}
