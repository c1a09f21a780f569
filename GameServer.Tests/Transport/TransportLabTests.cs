using System.Buffers.Binary;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

/// <summary>
/// Both lines on one port through every link model: T1 (reliable exactly once, in order, byte-identical), T2 (sequenced never older after
/// newer), T3 (acknowledgements, round trip), T5 (nothing remains), C1 (wraps), H1 (joins). The seed in a failure message replays the run.
/// </summary>
public class TransportLabTests
{
    private static readonly string[] Links =
    [
        "delay=30",
        "delay=60,jitter=15,loss=3,burst=4,dup=1",
        "delay=20,jitter=20,loss=30",
        "delay=5,jitter=5,dup=50",
        "delay=100,loss=10,burst=8",
        "delay=10,rate=60,queue=20",
        "delay=300,jitter=100,loss=5,dup=5",
    ];

    [Test]
    public void Messages_BothLinesEveryLinkModel_HoldT1T2T5([ValueSource(nameof(Links))] string link, [Range(1, 4)] int seed) =>
        new Exchange((ulong)seed, link, crc: false).Run();

    [Test]
    public void Messages_DamagedDatagramsWithCrc_HoldT1T2T5([Range(1, 4)] int seed) =>
        new Exchange((ulong)seed, "delay=20,jitter=5,flip=10,truncate=5,loss=5", crc: true).Run();

    [TestCase(5)]
    [TestCase(100)]
    public void Messages_AcrossTheWrapOfSequences_HoldC1(int before) =>
        new Exchange(9, "delay=20,jitter=10,loss=5,dup=5", crc: false) { StartSequence = (ushort)(Sequence.Modulus - before) }.Run();

    [Test]
    public void Rtt_CleanLink_IsThatOfTheModel()
    {
        var lab = new TransportLab(1);
        lab.Network.SetAllLinks(TransportLab.Link("delay=40"));
        TransportLab.Host client = lab.AddClient();
        lab.Run(10_000_000);

        client.Endpoint.TryGetStats(client.Peer, out PeerStats seenByClient);
        lab.Server.Endpoint.TryGetStats(lab.ServerPeerOf(client), out PeerStats seenByServer);
        Assert.That(new[] { seenByClient.RttMicros, seenByServer.RttMicros }, Is.All.EqualTo(80_000).Within(16_667));
    }

    [Test]
    public void Connect_At30PercentLoss_HoldsH1()
    {
        var micros = new List<long>();
        int failed = 0;
        for (ulong seed = 1; seed <= 200; seed++)
        {
            var lab = new TransportLab(seed);
            lab.Network.SetAllLinks(TransportLab.Link("delay=40,jitter=10,loss=30"));
            TransportLab.Host client = lab.AddClient(new TransportOptions { MaxPeers = 1, Line = (ProtocolLine)(1 + (seed & 1)) });
            long start = lab.Now;
            while (lab.Now - start < 8_000_000 && !lab.Server.Events.Any(e => e.Event.Kind == TransportEventKind.Connected))
            {
                lab.Run(10_000);
            }

            bool joined = lab.Server.Events.Count > 0 && client.Events.Any(e => e.Event.Kind == TransportEventKind.Connected);
            failed += joined ? 0 : 1;
            micros.Add(lab.Now - start);
        }

        micros.Sort();
        TestContext.Out.WriteLine($"failed {failed}/200, median {micros[100] / 1000} ms, p99 {micros[197] / 1000} ms");
        Assert.That(failed, Is.LessThanOrEqualTo(2));
        Assert.That(micros[100], Is.LessThanOrEqualTo((4 * 80_000) + 500_000));
        Assert.That(micros[197], Is.LessThanOrEqualTo(5_000_000));
    }

    /// <summary>A server and six clients of both lines that send everything, each stream checked at its receiver.</summary>
    private sealed class Exchange(ulong seed, string link, bool crc)
    {
        private readonly TransportLab _lab = new(seed, new TransportOptions { Crc32c = crc });
        private readonly Dictionary<(object Receiver, PeerId Peer, int ChannelId), uint> _nextOrdered = [];
        private readonly Dictionary<(object Receiver, PeerId Peer, int ChannelId), HashSet<uint>> _seen = [];
        private readonly Dictionary<(object Sender, PeerId Peer, int ChannelId), uint> _sent = [];
        private readonly HashSet<PeerId> _connected = [];
        private DeterministicRandom _random = DeterministicRandom.From(seed, 1);

        public ushort StartSequence { get; init; }

        public void Run()
        {
            for (int i = 0; i < 6; i++)
            {
                var options = new TransportOptions { MaxPeers = 1, Line = (ProtocolLine)(1 + (i & 1)), Crc32c = crc };
                _lab.AddClient(options);
            }

            _lab.Run(500_000);
            Assert.That(_lab.Clients.Select(c => c.Endpoint.PeerCount), Is.All.EqualTo(1));
            Assert.That(_lab.Server.Events, Has.Count.EqualTo(6));
            SkipSequences();
            _lab.Network.SetAllLinks(TransportLab.Link(link));
            for (int round = 0; round < 150; round++)
            {
                _lab.Run(30_000);
                Check();
                SendSome();
            }

            _lab.Network.SetAllLinks(default);
            _lab.Run(6_000_000);
            Check();
            foreach (((object sender, PeerId peer, int channelId), uint count) in _sent)
            {
                CheckComplete(sender, peer, channelId, count);
            }

            if (!crc)
            {
                IEnumerable<DropCounters> drops = _lab.Clients.Append(_lab.Server).Select(h => h.Endpoint.Drops);
                Assert.That(drops.Select(d => d[DropReason.AckOutOfWindow] + d[DropReason.AckMalformed]), Is.All.Zero, $"T3, {Replay()}");
            }

            LeaveAndExpectNothing();
        }

        private void SkipSequences()
        {
            if (StartSequence == 0)
            {
                return;
            }

            foreach (TransportLab.Host client in _lab.Clients)
            {
                foreach (Peer peer in new[] { client.Endpoint.PeerOf(client.Peer), _lab.Server.Endpoint.PeerOf(_lab.ServerPeerOf(client)) })
                {
                    foreach (int channelId in new[] { 0, 2, 4, 6 })
                    {
                        peer.Sender(channelId).StartAt(StartSequence);
                        peer.Receiver(channelId).StartAt(StartSequence);
                    }

                    foreach (int channelId in new[] { 1, 3 })
                    {
                        ref SequencedChannel channel = ref peer.SequencedAt(channelId);
                        channel.Sent = channel.Accepted = channel.Consumed = StartSequence;
                    }
                }
            }
        }

        private void SendSome()
        {
            foreach (TransportLab.Host client in _lab.Clients)
            {
                Send(client, client.Peer);
                Send(_lab.Server, _lab.ServerPeerOf(client));
            }
        }

        private void Send(TransportLab.Host from, PeerId to)
        {
            for (int i = _random.NextInt(4); i > 0; i--)
            {
                var method = (DeliveryMethod)_random.NextInt(4);
                byte channel = (byte)(method is DeliveryMethod.ReliableOrdered or DeliveryMethod.ReliableUnordered ? _random.NextInt(2) : 0);
                int channelId = (channel * 4) + (int)method;
                _sent.TryGetValue((from, to, channelId), out uint number);
                bool large = _random.NextInt(20) == 0 && ((int)method & 1) == 0;
                byte[] message = Make(number, large ? 2000 + _random.NextInt(4000) : 8 + _random.NextInt(60));
                if (from.Endpoint.Send(to, method, channel, message) == SendResult.Queued)
                {
                    _sent[(from, to, channelId)] = number + 1;
                }
            }
        }

        private static byte[] Make(uint number, int length)
        {
            byte[] message = new byte[length];
            BinaryPrimitives.WriteUInt32LittleEndian(message, number);
            BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), length);
            for (int i = 8; i < length; i++)
            {
                message[i] = (byte)((number * 31) + i);
            }

            return message;
        }

        private void Check()
        {
            Check(_lab.Server);
            _lab.Clients.ForEach(Check);
        }

        private void Check(TransportLab.Host host)
        {
            foreach ((TransportEvent e, byte[] payload) in host.Events)
            {
                if (e.Kind != TransportEventKind.Message)
                {
                    Assert.That(e.Kind, Is.EqualTo(TransportEventKind.Connected), Replay());
                    Assert.That(host != _lab.Server || _connected.Add(e.Peer), Is.True, Replay());
                    continue;
                }

                uint number = BinaryPrimitives.ReadUInt32LittleEndian(payload);
                Assert.That(payload, Is.EqualTo(Make(number, payload.Length)), Replay());
                var key = (host, e.Peer, (e.Channel * 4) + (int)e.Method);
                _nextOrdered.TryGetValue(key, out uint next);
                _seen.TryAdd(key, []);
                Assert.That(_seen[key].Add(number), Is.True, $"{e.Method} {number} twice, {Replay()}");
                if (e.Method == DeliveryMethod.ReliableOrdered)
                {
                    Assert.That(number, Is.EqualTo(next), Replay());
                }
                else if (e.Method is DeliveryMethod.Sequenced or DeliveryMethod.ReliableSequenced)
                {
                    Assert.That(number, Is.GreaterThanOrEqualTo(next), Replay());
                }

                _nextOrdered[key] = number + 1;
            }

            KeepConnects(host);
        }

        private void KeepConnects(TransportLab.Host host)
        {
            if (host != _lab.Server)
            {
                host.Events.Clear();
            }

            host.Events.RemoveAll(e => e.Event.Kind == TransportEventKind.Message);
            _connected.Clear();
        }

        private void CheckComplete(object sender, PeerId peer, int channelId, uint count)
        {
            bool toServer = sender != _lab.Server;
            TransportLab.Host client = toServer
                ? (TransportLab.Host)sender
                : _lab.Clients.Single(c => _lab.ServerPeerOf(c) == peer);
            object receiver = toServer ? _lab.Server : client;
            PeerId named = toServer ? _lab.ServerPeerOf(client) : client.Peer;
            _seen.TryGetValue((receiver, named, channelId), out HashSet<uint>? seen);
            if ((channelId & 1) == 0)
            {
                Assert.That(seen?.Count ?? 0, Is.EqualTo(count), $"channel id {channelId}, {Replay()}");
            }
            else if ((DeliveryMethod)(channelId & 3) == DeliveryMethod.ReliableSequenced)
            {
                Assert.That(seen, Does.Contain(count - 1), $"the last of channel id {channelId}, {Replay()}");
            }
        }

        private void LeaveAndExpectNothing()
        {
            foreach (TransportLab.Host client in _lab.Clients)
            {
                client.Endpoint.Disconnect(client.Peer, []);
            }

            _lab.Run(3_000_000);
            TransportEndpoint server = _lab.Server.Endpoint;
            var fresh = new TransportEndpoint(new TransportOptions(), 1, 0);
            Assert.That(server.PeerCount, Is.Zero, Replay());
            Assert.That(server.Packets.FreeCount, Is.EqualTo(fresh.Packets.FreeCount), Replay());
            Assert.That(server.FragmentBlocks.FreeCount, Is.EqualTo(fresh.FragmentBlocks.FreeCount), Replay());
            Assert.That(_lab.Clients.Select(c => c.Endpoint.PeerCount), Is.All.Zero, Replay());
        }

        private string Replay() => $"seed {seed}, link {link}, start {StartSequence}, at {_lab.Now}";
    }
}
