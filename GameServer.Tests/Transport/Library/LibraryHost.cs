using System.Buffers.Binary;
using GameServer.Netcode.Transport;
using static GameServer.Tests.Transport.Library.LibraryPacket;

namespace GameServer.Tests.Transport.Library;

/// <summary>
/// A second, independent LiteNetLib, written from the protocol notes: what the library does with every packet, its strictness and its timers
/// included, in both roles and of both lines. It shares no code with the transport, so that neither hides a mistake of the other; what the
/// library would drop as malformed is a violation.
/// </summary>
internal sealed class LibraryHost(int line, PeerAddress address)
{
    private const double StepMillis = 15;

    private readonly Dictionary<PeerAddress, LibraryPeer> _peers = [];
    private double _steppedMillis = -1;
    private double _nowMillis;
    private int _peerIds;

    public int Line { get; } = line;

    public PeerAddress Address { get; } = address;

    public int Channels { get; init; } = 4;

    public bool MtuDiscovery { get; init; }

    public bool AllowsAddressChange { get; init; }

    /// <summary>Whether each datagram ends in a CRC32C, as the library's layer has it.</summary>
    public bool Checksums { get; init; }

    /// <summary>Bytes that the layer takes from each datagram.</summary>
    public int LayerBytes => Checksums ? 4 : 0;

    /// <summary>Sequence that channels begin with, and ping that comes before the first (tests of the wraps).</summary>
    public ushort StartSequence { get; init; }

    public ushort StartPing { get; init; } = 1;

    /// <summary>Whether requests are accepted; else refused with <see cref="RejectData"/>.</summary>
    public bool Accepts { get; set; } = true;

    public byte[] RejectData { get; set; } = [9];

    public Queue<(PeerAddress To, byte[] Bytes)> Outbox { get; } = new();

    public List<(LibraryPeer Peer, DeliveryMethod Method, int Channel, byte[] Bytes)> Messages { get; } = [];

    public List<(LibraryPeer Peer, string What, byte[] Bytes)> Events { get; } = [];

    public List<string> Violations { get; } = [];

    public int WrongNumbers { get; set; }

    public long Ticks => 639_307_699_427_505_612 + (long)(_nowMillis * 10_000);

    public IEnumerable<LibraryPeer> Peers => _peers.Values;

    public LibraryPeer? Connected => _peers.Values.SingleOrDefault(p => p.State == LibraryState.Connected);

    public int NextPeerId() => _peerIds++;

    public void Send(PeerAddress to, byte[] bytes) => Outbox.Enqueue((to, LayerBytes == 0 ? [.. bytes] : [.. bytes, .. Checksum(bytes)]));

    public void Log(LibraryPeer peer, string what, byte[]? bytes = null) => Events.Add((peer, what, bytes ?? []));

    public void Deliver(LibraryPeer peer, DeliveryMethod method, int channel, byte[] bytes) => Messages.Add((peer, method, channel, bytes));

    /// <summary>Asks for a connection: a number above that of a dead peer of this address, else 0 (protocol notes §11).</summary>
    public LibraryPeer Connect(PeerAddress to, byte[] data)
    {
        int number = 0;
        if (_peers.TryGetValue(to, out LibraryPeer? before))
        {
            Assert.That(before.State, Is.Not.EqualTo(LibraryState.Connected));
            number = (before.Number + 1) & 3;
        }

        var peer = new LibraryPeer(this, to, number, Ticks) { State = LibraryState.Outgoing };
        byte[] raw = RawAddress(to);
        byte[] request = new byte[18 + raw.Length + data.Length];
        request[0] = First(Line, LibraryKind.ConnectRequest, number);
        BinaryPrimitives.WriteInt32LittleEndian(request.AsSpan(1), 13);
        BinaryPrimitives.WriteInt64LittleEndian(request.AsSpan(5), peer.Time);
        BinaryPrimitives.WriteInt32LittleEndian(request.AsSpan(13), peer.Id);
        request[17] = (byte)raw.Length;
        raw.CopyTo(request, 18);
        data.CopyTo(request, 18 + raw.Length);
        peer.Request = request;
        _peers[to] = peer;
        Send(to, request);
        return peer;
    }

    /// <summary>Lets time pass: a step every 15 ms.</summary>
    public void Advance(long nowMicros)
    {
        _nowMillis = nowMicros / 1000.0;
        _steppedMillis = _steppedMillis < 0 ? _nowMillis : _steppedMillis;
        if (_nowMillis - _steppedMillis < StepMillis)
        {
            return;
        }

        double elapsed = _nowMillis - _steppedMillis;
        _steppedMillis = _nowMillis;
        foreach ((PeerAddress key, LibraryPeer peer) in _peers.ToArray())
        {
            peer.Step(elapsed, _nowMillis);
            if (peer.State == LibraryState.Disconnected && peer.IdleMillis > 5000)
            {
                _peers.Remove(key);
            }
        }
    }

    public void Handle(byte[] packet, PeerAddress from, long nowMicros)
    {
        _nowMillis = nowMicros / 1000.0;
        if (Checksums)
        {
            if (packet.Length <= 4 || !Checksum(packet.AsSpan(0, packet.Length - 4)).AsSpan().SequenceEqual(packet.AsSpan(packet.Length - 4)))
            {
                Violations.Add("checksum");
                return;
            }

            packet = packet[..^4];
        }

        if (packet.Length == 0 || packet.Length > DatagramBytesMax - LayerBytes || !IsValid(Line, packet))
        {
            Violations.Add($"datagram of {packet.Length} bytes: {Convert.ToHexString(packet[..Math.Min(16, packet.Length)])}");
            return;
        }

        _peers.TryGetValue(from, out LibraryPeer? peer);
        switch (KindOf(Line, packet[0]))
        {
            case LibraryKind.ConnectRequest:
                ReceiveRequest(packet, from, peer);
                break;
            case LibraryKind.ConnectAccept:
                ReceiveAccept(packet, peer);
                break;
            case LibraryKind.Disconnect:
                ReceiveDisconnect(packet, from, peer);
                break;
            case LibraryKind.PeerNotFound:
                ReceivePeerNotFound(packet, from, peer);
                break;
            case LibraryKind.InvalidProtocol:
                End(peer is { State: LibraryState.Outgoing } ? peer : null, "InvalidProtocol", []);
                break;
            case LibraryKind.UnconnectedMessage or LibraryKind.Broadcast or LibraryKind.NatMessage:
                break;
            default:
                if (peer != null)
                {
                    peer.Receive(packet, _nowMillis);
                }
                else
                {
                    Send(from, [First(Line, LibraryKind.PeerNotFound, 0)]);
                }

                break;
        }
    }

    private void ReceiveRequest(byte[] packet, PeerAddress from, LibraryPeer? peer)
    {
        if (BinaryPrimitives.ReadInt32LittleEndian(packet.AsSpan(1)) != 13)
        {
            Send(from, [First(Line, LibraryKind.InvalidProtocol, 0)]);
            return;
        }

        if (packet[17] is not (16 or 28) || packet.Length < 18 + packet[17])
        {
            Violations.Add("connect request");
            return;
        }

        long time = BinaryPrimitives.ReadInt64LittleEndian(packet.AsSpan(5));
        int number = NumberOf(packet[0]);
        if (peer != null && !GivesWay(peer, time, packet.AsSpan(18, packet[17]), ref number))
        {
            return;
        }

        var accepted = new LibraryPeer(this, from, number, time)
        {
            RemoteId = BinaryPrimitives.ReadInt32LittleEndian(packet.AsSpan(13)), State = LibraryState.Connected,
        };
        _peers[from] = accepted;
        if (!Accepts)
        {
            accepted.Shutdown(RejectData);
            return;
        }

        SendAccept(accepted);
        Log(accepted, "Connected", packet[(18 + packet[17])..]);
    }

    /// <summary>A request for a peer that exists (protocol notes §12.3, §12.4).</summary>
    private bool GivesWay(LibraryPeer peer, long time, ReadOnlySpan<byte> rawAddress, ref int number)
    {
        switch (peer.State)
        {
            case LibraryState.Outgoing:
                if (time > peer.Time || (time == peer.Time && !LosesByAddress(RawAddress(peer.Address), rawAddress)))
                {
                    return false;
                }

                End(peer, "PeerToPeerConnection", []);
                return true;
            case LibraryState.Connected when time <= peer.Time:
                if (time == peer.Time)
                {
                    SendAccept(peer);
                }

                return false;
            case LibraryState.Connected:
                End(peer, "Reconnect", []);
                break;
            default:
                if (time < peer.Time)
                {
                    return false;
                }

                break;
        }

        number = (peer.Number + 1) & 3;
        return true;
    }

    private static bool LosesByAddress(byte[] own, ReadOnlySpan<byte> theirs)
    {
        for (int i = own.Length - 1; i >= 0; i--)
        {
            if (own[i] < theirs[i])
            {
                return true;
            }
        }

        return false;
    }

    private void SendAccept(LibraryPeer peer) => Send(
        peer.Address,
        [First(Line, LibraryKind.ConnectAccept, 0), .. BitConverter.GetBytes(peer.Time), (byte)peer.Number, 0, .. BitConverter.GetBytes(peer.Id)]);

    private void ReceiveAccept(byte[] packet, LibraryPeer? peer)
    {
        if (packet.Length != 15 || packet[9] > 3 || packet[10] > 1 || BinaryPrimitives.ReadInt32LittleEndian(packet.AsSpan(11)) < 0)
        {
            Violations.Add("connect accept");
            return;
        }

        if (peer is { State: LibraryState.Outgoing } && BinaryPrimitives.ReadInt64LittleEndian(packet.AsSpan(1)) == peer.Time)
        {
            (peer.Number, peer.RemoteId) = (packet[9], BinaryPrimitives.ReadInt32LittleEndian(packet.AsSpan(11)));
            (peer.State, peer.IdleMillis) = (LibraryState.Connected, 0);
            Log(peer, "Connected");
        }
    }

    private void ReceiveDisconnect(byte[] packet, PeerAddress from, LibraryPeer? peer)
    {
        if (peer != null)
        {
            bool matches = peer.State is LibraryState.Connected or LibraryState.Outgoing
                && BinaryPrimitives.ReadInt64LittleEndian(packet.AsSpan(1)) == peer.Time && NumberOf(packet[0]) == peer.Number;
            if (!matches)
            {
                return; // without an answer
            }

            End(peer, peer.State == LibraryState.Connected ? "RemoteConnectionClose" : "ConnectionRejected", packet[9..]);
        }

        Send(from, [First(Line, LibraryKind.ShutdownOk, 0)]);
    }

    private void ReceivePeerNotFound(byte[] packet, PeerAddress from, LibraryPeer? peer)
    {
        if (peer is { State: LibraryState.Connected })
        {
            if (packet.Length == 1)
            {
                peer.ResetMtu();
                Send(from, [First(Line, LibraryKind.PeerNotFound, 0), .. BitConverter.GetBytes(peer.Time), (byte)peer.Number, 1, .. BitConverter.GetBytes(peer.RemoteId)]);
            }
            else if (packet.Length == 2 && packet[1] == 1)
            {
                End(peer, "PeerNotFound", []);
            }
        }
        else if (peer == null && packet.Length > 1 && !Moves(packet, from))
        {
            Send(from, [First(Line, LibraryKind.PeerNotFound, 0), 1]);
        }
    }

    private bool Moves(byte[] packet, PeerAddress from)
    {
        LibraryPeer? peer = !AllowsAddressChange || packet.Length != 15 || packet[10] != 1 ? null : _peers.Values.SingleOrDefault(
            p => p.Id == BinaryPrimitives.ReadInt32LittleEndian(packet.AsSpan(11)) && p.Number == packet[9]
                && p.Time == BinaryPrimitives.ReadInt64LittleEndian(packet.AsSpan(1)) && p.State == LibraryState.Connected);
        if (peer == null)
        {
            return false;
        }

        _peers.Remove(peer.Address);
        peer.Address = from;
        peer.ResetMtu();
        _peers[from] = peer;
        return true;
    }

    private void End(LibraryPeer? peer, string why, byte[] data)
    {
        if (peer != null)
        {
            peer.State = LibraryState.Disconnected;
            Log(peer, why, data);
        }
    }

    /// <summary>CRC32C bit by bit: reflected 0x1EDC6F41, all ones before and after.</summary>
    private static byte[] Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
            }
        }

        return BitConverter.GetBytes(~crc);
    }

    private static byte[] RawAddress(PeerAddress address)
    {
        byte[] bytes = new byte[16];
        address.WriteBytes(bytes);
        byte[] port = [(byte)(address.Port >> 8), (byte)address.Port];
        return address.IsIPv4
            ? [2, 0, .. port, .. bytes.AsSpan(12), .. new byte[8]]
            : [10, 0, .. port, .. new byte[4], .. bytes, .. BitConverter.GetBytes(address.Scope)];
    }
}
