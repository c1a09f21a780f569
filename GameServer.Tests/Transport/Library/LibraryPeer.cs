using System.Buffers.Binary;
using GameServer.Netcode.Transport;
using static GameServer.Tests.Transport.Library.LibraryPacket;

namespace GameServer.Tests.Transport.Library;

internal enum LibraryState
{
    Outgoing,
    Connected,
    ShutdownRequested,
    Disconnected,
}

/// <summary>One peer of the library: its timers, in its order, and what it takes and drops (protocol notes §8–§16).</summary>
internal sealed partial class LibraryPeer(LibraryHost host, PeerAddress address, int number, long time)
{
    private const double TimeoutMillis = 5000;

    private readonly Dictionary<int, ILibraryChannel> _channels = [];
    private readonly Dictionary<int, (int Total, int ChannelId, Dictionary<int, byte[]> Parts)> _fragments = [];
    private readonly Queue<byte[]> _unreliable = new();
    private readonly List<byte[]> _merge = [];
    private int _mergeBytes;
    private int _fragmentId;
    private int _pingSequence = host.StartPing;
    private int _pongSequence;
    private bool _pingOpen;
    private double _pingSentMillis;
    private double _pingMillis;
    private double _rttSum;
    private double _rttResetMillis;
    private int _rttCount;
    private double _retryMillis;
    private double _shutdownMillis;
    private int _attempts;
    private int _mtuStep;
    private double _mtuMillis;
    private int _mtuAttempts;
    private bool _mtuDone = !host.MtuDiscovery;
    private byte[] _shutdown = [];

    public int Line => host.Line;

    public PeerAddress Address { get; set; } = address;

    public LibraryState State { get; set; }

    public int Number { get; set; } = number;

    public long Time { get; } = time;

    public int Id { get; } = host.NextPeerId();

    public int RemoteId { get; set; }

    public byte[] Request { get; set; } = [];

    public double IdleMillis { get; set; }

    public int Mtu { get; private set; } = MtuLadder[0] - host.LayerBytes;

    public double ResendMillis { get; private set; } = 27;

    public double AverageRttMillis => _rttCount == 0 ? 0 : Math.Floor(_rttSum / _rttCount);

    public bool IsIdle => _unreliable.Count == 0 && _channels.Values.All(c => c.IsIdle);

    public int PongsReceived { get; private set; }

    public int PingsIgnored { get; private set; }

    public void Violate(string what) => host.Violations.Add(what);

    public void ResetMtu()
    {
        (_mtuStep, _mtuDone) = (0, !host.MtuDiscovery);
        Mtu = MtuLadder[0] - host.LayerBytes;
    }

    /// <summary>What the application sends: fragments by the size that holds now.</summary>
    public void Send(DeliveryMethod method, int channel, byte[] message)
    {
        if (State != LibraryState.Connected)
        {
            return;
        }

        if (method == DeliveryMethod.Unreliable)
        {
            Assert.That(message, Has.Length.LessThan(Mtu));
            _unreliable.Enqueue([First(Line, LibraryKind.Unreliable, 0), .. message]);
            return;
        }

        ILibraryChannel to = ChannelOf((channel * 4) + (int)method);
        byte first = First(Line, LibraryKind.Channeled, 0);
        if (message.Length + 4 <= Mtu)
        {
            to.Enqueue([first, 0, 0, 0, .. message]);
            return;
        }

        Assert.That((int)method & 1, Is.Zero, "only reliable messages are split");
        int partBytes = Mtu - 10;
        int total = (message.Length + partBytes - 1) / partBytes;
        _fragmentId++;
        for (int part = 0; part < total; part++)
        {
            byte[] head = [(byte)(first | 0x80), 0, 0, 0, .. Bytes(_fragmentId), .. Bytes(part), .. Bytes(total)];
            to.Enqueue([.. head, .. message.AsSpan(part * partBytes, Math.Min(partBytes, message.Length - (part * partBytes)))]);
        }

        static byte[] Bytes(int word) => [(byte)word, (byte)(word >> 8)];
    }

    /// <summary>One step of the library's update, for that much time.</summary>
    public void Step(double elapsedMillis, double nowMillis)
    {
        IdleMillis += elapsedMillis;
        switch (State)
        {
            case LibraryState.Connected when IdleMillis > TimeoutMillis:
                State = LibraryState.Disconnected;
                host.Log(this, "Timeout");
                return;
            case LibraryState.ShutdownRequested:
                StepShutdown(elapsedMillis);
                return;
            case LibraryState.Outgoing:
                StepRequest(elapsedMillis);
                return;
            case LibraryState.Disconnected:
                return;
        }

        StepPing(elapsedMillis, nowMillis);
        StepMtu(elapsedMillis);
        foreach (ILibraryChannel channel in _channels.Values)
        {
            channel.Step(nowMillis);
        }

        while (_unreliable.TryDequeue(out byte[]? packet))
        {
            SendMerging(packet);
        }

        Flush();
    }

    /// <summary>Ends the connection from this side.</summary>
    public void Shutdown(byte[] data)
    {
        _shutdown = [First(Line, LibraryKind.Disconnect, Number), .. BitConverter.GetBytes(Time), .. data];
        (State, IdleMillis, _shutdownMillis) = (LibraryState.ShutdownRequested, 0, 0);
        host.Send(Address, _shutdown);
    }

    public void SendMerging(byte[] packet)
    {
        packet[0] = (byte)((packet[0] & ~0x60) | (Number << 5));
        if (packet.Length + 3 + 20 >= Mtu)
        {
            host.Send(Address, packet);
            return;
        }

        if (_mergeBytes + packet.Length + 3 > Mtu)
        {
            Flush();
        }

        _merge.Add([.. packet]);
        _mergeBytes += packet.Length + 2;
    }

    private ILibraryChannel ChannelOf(int id)
    {
        if (!_channels.TryGetValue(id, out ILibraryChannel? channel))
        {
            channel = (id & 1) == 0 ? new LibraryReliableChannel(this, id, host.StartSequence) : new LibrarySequencedChannel(this, id, host.StartSequence);
            _channels.Add(id, channel);
        }

        return channel;
    }

    private void StepPing(double elapsedMillis, double nowMillis)
    {
        _pingMillis += elapsedMillis;
        if (_pingMillis >= 1000)
        {
            _pingMillis = 0;
            _pingSequence = (ushort)(_pingSequence + 1);
            if (_pingOpen)
            {
                AddRtt(nowMillis - _pingSentMillis);
            }

            (_pingOpen, _pingSentMillis) = (true, nowMillis);
            host.Send(Address, [First(Line, LibraryKind.Ping, Number), (byte)_pingSequence, (byte)(_pingSequence >> 8)]);
        }

        _rttResetMillis += elapsedMillis;
        if (_rttResetMillis >= 3000)
        {
            (_rttResetMillis, _rttSum, _rttCount) = (0, AverageRttMillis, 1);
        }
    }

    private void AddRtt(double millis)
    {
        _rttSum += Math.Floor(millis);
        _rttCount++;
        ResendMillis = 25 + (AverageRttMillis * 2.1);
    }

    private void StepMtu(double elapsedMillis)
    {
        _mtuMillis += elapsedMillis;
        if (_mtuDone || _mtuMillis < 1000)
        {
            return;
        }

        _mtuMillis = 0;
        if (++_mtuAttempts >= 4)
        {
            _mtuDone = true;
            return;
        }

        byte[] probe = new byte[MtuLadder[_mtuStep + 1] - host.LayerBytes];
        Array.Fill(probe, (byte)0xA5);
        probe[0] = First(Line, LibraryKind.MtuCheck, 0); // whatever the connection's number is
        BinaryPrimitives.WriteInt32LittleEndian(probe.AsSpan(1), probe.Length);
        BinaryPrimitives.WriteInt32LittleEndian(probe.AsSpan(probe.Length - 4), probe.Length);
        host.Send(Address, probe);
    }

    private void StepShutdown(double elapsedMillis)
    {
        _shutdownMillis += elapsedMillis;
        if (IdleMillis > TimeoutMillis)
        {
            State = LibraryState.Disconnected;
        }
        else if (_shutdownMillis >= 300)
        {
            _shutdownMillis = 0;
            host.Send(Address, _shutdown);
        }
    }

    private void StepRequest(double elapsedMillis)
    {
        _retryMillis += elapsedMillis;
        if (_retryMillis <= 500)
        {
            return;
        }

        _retryMillis = 0;
        if (++_attempts > 10)
        {
            State = LibraryState.Disconnected;
            host.Log(this, "ConnectionFailed");
            return;
        }

        host.Send(Address, Request);
    }

    private void Flush()
    {
        if (_merge.Count == 1)
        {
            host.Send(Address, _merge[0]);
        }
        else if (_merge.Count > 1)
        {
            List<byte> datagram = [First(Line, LibraryKind.Merged, Number)];
            foreach (byte[] packet in _merge)
            {
                datagram.Add((byte)packet.Length);
                datagram.Add((byte)(packet.Length >> 8));
                datagram.AddRange(packet);
            }

            host.Send(Address, [.. datagram]);
        }

        _merge.Clear();
        _mergeBytes = 0;
    }
}
