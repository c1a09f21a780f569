using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

/// <summary>
/// The same captures with this transport in the client's place: it sends what the library's user sent, gets what the library got, and its
/// datagrams are compared. Byte for byte: connect requests apart from time, id and port; unreliable and sequenced packets; fragments; merged
/// reliable packets of several messages; answers to pings and disconnects. By meaning: a single reliable message goes as a plain channeled
/// packet, which every 2.x takes, and packets of one moment may be merged in another order.
/// </summary>
public class ClientConformanceTests
{
    [TestCase("v1-session")]
    [TestCase("v2-session")]
    [TestCase("v1-empties")]
    [TestCase("v2-relseq")]
    [TestCase("v2-reconnect")]
    [TestCase("v2-reject")]
    [TestCase("v1-reject")]
    [TestCase("v2-discres")]
    [TestCase("v2-ackbits")]
    [TestCase("v2-mtu")]
    [TestCase("v2-flushorder")]
    public void Replay_AsClient_SendsWhatTheLibrarySent(string name) => new ClientReplay(Capture.Load(name)).Run();

    private sealed class ClientReplay(Capture capture)
    {
        private readonly byte[] _buffer = new byte[2048];
        private readonly List<byte[]> _sent = [];
        private readonly HashSet<int> _sentSequences = [];
        private readonly List<byte[]> _parts = [];
        private readonly List<TransportEvent> _events = [];
        private readonly WireLine _line = capture.Line;
        private TransportEndpoint _client = null!;
        private PeerId _peer;
        private long _now = 1_000_000;
        private long _time;
        private long _capturedTime;
        private long _endedTime;

        public void Run()
        {
            foreach (Capture.Entry entry in capture.Entries.Where(e => e.Direction != Capture.Direction.Note))
            {
                _now += 1_000;
                if (entry.Direction == Capture.Direction.ToServer)
                {
                    Repeat(entry.Bytes);
                }
                else if (!entry.Lost)
                {
                    Feed(entry.Bytes);
                }
            }
        }

        private void Repeat(byte[] datagram)
        {
            if (Wire.TryReadRequest(datagram, out Wire.Request request))
            {
                if (request.Time != _capturedTime)
                {
                    Connect(datagram, request);
                }

                return;
            }

            int before = _sent.Count;
            List<byte[]> expected = [];
            foreach (byte[] packet in Capture.PacketsOf(_line, datagram))
            {
                RepeatPacket(packet, expected);
            }

            Poll();
            byte[][] ours = [.. _sent.Skip(before).SelectMany(d => Capture.PacketsOf(_line, d))];
            foreach (byte[] packet in expected)
            {
                Assert.That(ours.Any(o => o.SequenceEqual(packet)), Is.True, $"{Convert.ToHexString(packet[..Math.Min(20, packet.Length)])} of {capture.Name}, sent: {string.Join(" ", ours.Select(o => Convert.ToHexString(o[..Math.Min(20, o.Length)])))}");
            }
        }

        private void Connect(byte[] captured, in Wire.Request request)
        {
            _capturedTime = request.Time;
            byte[] data = request.Connect.ToArray();
            var options = new TransportOptions
            {
                MaxPeers = 1, Line = _line.Line, ConnectRetryMicros = 3_600_000_000, StartMtuBytes = 1024, MtuDiscovery = false,
            };
            _client = new TransportEndpoint(options, 3, _now);
            _sentSequences.Clear();
            _peer = _client.Connect(Pair.ServerAddress, data, _now);
            Poll();
            byte[] ours = _sent[^1];
            Assert.That(Wire.TryReadRequest(ours, out Wire.Request own), Is.True);
            _time = own.Time;
            Assert.That(ours.Length, Is.EqualTo(captured.Length));
            Assert.That(ours[0] & 0x1F, Is.EqualTo(captured[0] & 0x1F));
            Assert.That(ours[1..5], Is.EqualTo(captured[1..5]), "protocol id");
            Assert.That(ours[17..20], Is.EqualTo(captured[17..20]), "address length and family");
            Assert.That(ours[34..], Is.EqualTo(captured[34..]), "connect data");
        }

        /// <summary>Sends the messages of a captured packet, and says what must come of it.</summary>
        private void RepeatPacket(byte[] packet, List<byte[]> expected)
        {
            switch (_line.KindOf(packet[0]))
            {
                case PacketKind.Unreliable:
                    _client.Send(_peer, DeliveryMethod.Unreliable, 0, packet.AsSpan(1));
                    expected.Add(packet);
                    break;
                case PacketKind.Channeled or PacketKind.ReliableMerged when (packet[0] & 0x80) == 0 && IsFirst(packet):
                    byte[][] messages = [.. Capture.MessagesOf(_line, packet)];
                    foreach (byte[] message in messages)
                    {
                        Assert.That(_client.Send(_peer, (DeliveryMethod)(packet[3] & 3), (byte)(packet[3] >> 2), message), Is.EqualTo(SendResult.Queued));
                    }

                    expected.Add(messages.Length > 1 ? packet
                        : [_line.First(PacketKind.Channeled, WireLine.NumberOf(packet[0])), packet[1], packet[2], packet[3], .. messages[0]]);
                    break;
                case PacketKind.Channeled when IsFirst(packet):
                    CollectParts(packet);
                    break;
                case PacketKind.Pong:
                    Assert.That(_sent.SelectMany(d => Capture.PacketsOf(_line, d)).Any(
                        p => p.Length == packet.Length && p.AsSpan(0, 3).SequenceEqual(packet.AsSpan(0, 3))), Is.True, "pong");
                    break;
                case PacketKind.ShutdownOk:
                    Assert.That(_sent.Any(p => p.SequenceEqual(packet)), Is.True, "ShutdownOk");
                    break;
                case PacketKind.Disconnect when _capturedTime != _endedTime:
                    _endedTime = _capturedTime;
                    _client.DisconnectNow(_peer, packet.AsSpan(9));
                    byte[] own = [.. packet];
                    BitConverter.TryWriteBytes(own.AsSpan(1), _time);
                    expected.Add(own);
                    break;
            }
        }

        private bool IsFirst(byte[] packet) => _sentSequences.Add((packet[3] << 16) | Wire.SequenceOf(packet));

        /// <summary>Sends a fragmented message once its last captured part is known, and compares the parts: they are byte for byte the same.</summary>
        private void CollectParts(byte[] part)
        {
            _parts.Add(part);
            if (part[6] != part[8] - 1)
            {
                return;
            }

            byte[] message = [.. _parts.SelectMany(p => p[10..])];
            Assert.That(_client.Send(_peer, (DeliveryMethod)(part[3] & 3), (byte)(part[3] >> 2), message), Is.EqualTo(SendResult.Queued));
            Poll();
            byte[][] sent = [.. _sent.SelectMany(d => Capture.PacketsOf(_line, d))];
            Assert.That(_parts.All(p => sent.Any(o => o.SequenceEqual(p))), Is.True, $"parts of a message of {message.Length} bytes");
            _parts.Clear();
        }

        private void Feed(byte[] datagram)
        {
            byte[] copy = [.. datagram];
            PacketKind kind = _line.KindOf(copy[0]);
            if (kind is PacketKind.ConnectAccept or PacketKind.Disconnect)
            {
                BitConverter.TryWriteBytes(copy.AsSpan(1), _time);
            }

            _client.Handle(copy, Pair.ServerAddress, _now);
            while (_client.TryPeekEvent(out TransportEvent e, out _))
            {
                _events.Add(e);
                _client.ConsumeEvent();
            }

            Poll();
            if (kind == PacketKind.ConnectAccept)
            {
                Assert.That(_events[^1].Kind, Is.EqualTo(TransportEventKind.Connected));
            }
            else if (kind == PacketKind.Disconnect)
            {
                bool refused = capture.Name.EndsWith("reject", StringComparison.Ordinal);
                Assert.That(_events[^1].Reason, Is.EqualTo(refused ? DisconnectReason.Rejected : DisconnectReason.RemoteClosed));
            }
            else if (kind == PacketKind.Ack && _client.TryGetStats(_peer, out PeerStats stats) && capture.Name.EndsWith("session", StringComparison.Ordinal))
            {
                Assert.That(stats.ReliableQueueBytes, Is.LessThan(8 * 1472), "acknowledgements are understood");
            }
        }

        private void Poll()
        {
            _client.Advance(_now);
            while (_client.TryPollDatagram(_buffer, out int length, out _))
            {
                _sent.Add(_buffer[..length]);
            }
        }
    }
}
