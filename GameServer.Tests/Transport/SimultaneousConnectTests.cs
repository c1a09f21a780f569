using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

/// <summary>The captures in which both sides connect at the same time (protocol notes §12.3), replayed with this transport as either side.</summary>
/// <remarks>
/// Byte for byte: the request but for its time and peer id, that nothing answers the request that loses, the shape and time of the accept,
/// pongs but for the clock, disconnect and ShutdownOk. Free: connection number and peer id of the accept, the sequence of own pings.
/// </remarks>
public class SimultaneousConnectTests
{
    private readonly WireLine _line = WireLine.Two;
    private readonly byte[] _buffer = new byte[2048];
    private readonly List<byte[]> _sent = [];
    private readonly List<TransportEvent> _events = [];
    private TransportEndpoint _own = null!;
    private PeerId _peer;
    private long _time;
    private long _now = 1_000_000;
    private int _number;

    [Test]
    public void Replay_AsEitherSide_EndsInTheConnectionOfTheEarlierRequest(
        [Values("v2-p2p", "v2-p2p2")] string name, [Values] bool asServer)
    {
        Capture.Direction own = asServer ? Capture.Direction.ToClient : Capture.Direction.ToServer;
        Capture capture = Capture.Load(name);
        Wire.TryReadRequest(capture.Entries.First(e => e.Direction == own && e.Bytes.Length > 30).Bytes, out Wire.Request request);
        var options = new TransportOptions
        {
            MaxPeers = 1, MtuDiscovery = false, UtcTicksAtZero = request.Time - (_now * 10), ConnectRetryMicros = 3_600_000_000,
        };
        (_own, _number) = (new TransportEndpoint(options, 3, _now), 0);
        _sent.Clear();
        _events.Clear();
        _peer = _own.Connect(Pair.ServerAddress, [4, 0, (byte)'K', (byte)'E', (byte)'Y'], _now);
        Poll();
        CheckRequest(_sent.Single(), capture.Entries.First(e => e.Direction == own && e.Bytes.Length > 30).Bytes);
        foreach (Capture.Entry entry in capture.Entries.Where(e => e.Direction != Capture.Direction.Note))
        {
            _now += 1_000;
            if (entry.Direction == own)
            {
                Expect(entry.Bytes);
            }
            else if (!entry.Lost)
            {
                Feed([.. entry.Bytes]);
            }
        }

        Assert.That(_events.Select(e => (e.Kind, e.Reason)), Is.EqualTo(asServer // in both captures the client's request is the earlier one
            ? new[]
            {
                (TransportEventKind.Disconnected, DisconnectReason.SimultaneousConnect), (TransportEventKind.Connected, DisconnectReason.None),
                (TransportEventKind.Disconnected, DisconnectReason.LocalClosed),
            }
            : [(TransportEventKind.Connected, DisconnectReason.None), (TransportEventKind.Disconnected, DisconnectReason.RemoteClosed)]));
    }

    private void CheckRequest(byte[] ours, byte[] captured)
    {
        Wire.TryReadRequest(ours, out Wire.Request request);
        _time = request.Time;
        Assert.That((ours[..5], ours[17..20], ours[34..]), Is.EqualTo((captured[..5], captured[17..20], captured[34..])));
    }

    /// <summary>What the library sent in this side's place.</summary>
    private void Expect(byte[] captured)
    {
        switch (_line.KindOf(captured[0]))
        {
            case PacketKind.ConnectAccept:
                byte[] accept = _sent.Single(d => _line.KindOf(d[0]) == PacketKind.ConnectAccept);
                Assert.That((accept[..9], accept[10], accept.Length), Is.EqualTo((captured[..9], captured[10], captured.Length)));
                break;
            case PacketKind.Pong:
                Assert.That(_sent.Any(d => d.Length == captured.Length && d.AsSpan(1, 2).SequenceEqual(captured.AsSpan(1, 2))
                    && d[0] == _line.First(PacketKind.Pong, _number)), Is.True, "pong");
                break;
            case PacketKind.Disconnect:
                _own.DisconnectNow(_events.Last(e => e.Kind == TransportEventKind.Connected).Peer, captured.AsSpan(9));
                Poll();
                Assert.That(_sent[^1], Is.EqualTo(new[] { _line.First(PacketKind.Disconnect, _number) }.Concat(captured.Skip(1))));
                break;
            case PacketKind.ShutdownOk:
                Assert.That(_sent[^1], Is.EqualTo(captured));
                break;
        }
    }

    private void Feed(byte[] datagram)
    {
        PacketKind kind = _line.KindOf(datagram[0]);
        if (kind is PacketKind.ConnectAccept or PacketKind.Disconnect)
        {
            BitConverter.TryWriteBytes(datagram.AsSpan(1), _time); // of this side's request
        }
        else if (kind is PacketKind.Ping or PacketKind.Pong)
        {
            datagram = Capture.WithNumber(_line, datagram, _number);
        }

        int before = _sent.Count;
        Handle(datagram);
        if (kind == PacketKind.ConnectRequest)
        {
            AnswerProof(before);
        }
    }

    /// <summary>The other side's request: one that loses gets no answer; one that wins gets an accept, whose peer id proves the address.</summary>
    private void AnswerProof(int before)
    {
        _now += AcceptQueue.DelayMicros;
        Poll();
        byte[][] answer = [.. _sent.Skip(before)];
        if (answer.Length == 0)
        {
            return;
        }

        Assert.That(answer.Select(d => _line.KindOf(d[0])), Is.EqualTo(new[] { PacketKind.ConnectAccept }), "too short a request for a question");
        Assert.That(Wire.TryReadAccept(answer[0], 0, out long time, out _number, out int id), Is.True);
        byte[] claim = new byte[Wire.AcceptBytes];
        Wire.WriteAccept(claim, _line.First(PacketKind.PeerNotFound, 0), time, _number, 1, id);
        Handle(claim);
    }

    private void Handle(byte[] datagram)
    {
        _own.Handle(datagram, Pair.ServerAddress, _now);
        Poll();
    }

    private void Poll()
    {
        _own.Advance(_now);
        while (_own.TryPeekEvent(out TransportEvent e, out _))
        {
            _events.Add(e);
            _own.ConsumeEvent();
        }

        while (_own.TryPollDatagram(_buffer, out int length, out _))
        {
            _sent.Add(_buffer[..length]);
        }
    }
}
