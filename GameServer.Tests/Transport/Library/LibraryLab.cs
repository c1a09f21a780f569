using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport.Library;

/// <summary>One endpoint of this transport and hosts of the library on a simulated network; one virtual clock, in steps of a millisecond.</summary>
internal sealed class LibraryLab
{
    private readonly byte[] _buffer = new byte[2048];

    public LibraryLab(ulong seed, string link, TransportOptions options)
    {
        Assert.That(LinkModel.TryParse(link, out LinkModel model, out string error), Is.True, error);
        Network = new SimulatedNetwork(seed) { DefaultModel = model };
        Own = new TransportEndpoint(options, seed, Now);
        Network.TryReceive(OwnAddress, Now, _buffer, out _, out _);
    }

    public static PeerAddress OwnAddress { get; } = PeerAddress.FromIPv4(0x0100007F, 9050);

    public SimulatedNetwork Network { get; }

    public TransportEndpoint Own { get; }

    public List<LibraryHost> Hosts { get; } = [];

    public List<(TransportEvent Event, byte[] Payload)> Events { get; } = [];

    public long Now { get; private set; } = 1_000_000;

    public IEnumerable<(TransportEvent Event, byte[] Payload)> Messages => Events.Where(e => e.Event.Kind == TransportEventKind.Message);

    /// <summary>The connection that came last.</summary>
    public PeerId OwnPeer => Events.Last(e => e.Event.Kind == TransportEventKind.Connected).Event.Peer;

    public LibraryHost Add(LibraryHost host)
    {
        Hosts.Add(host);
        host.Advance(Now);
        return host;
    }

    public void Run(long micros)
    {
        for (long end = Now + micros; Now < end;)
        {
            Now += 1_000;
            foreach (LibraryHost host in Hosts)
            {
                while (Network.TryReceive(host.Address, Now, _buffer, out int length, out PeerAddress from))
                {
                    host.Handle(_buffer[..length], from, Now);
                }

                host.Advance(Now);
                while (host.Outbox.TryDequeue(out (PeerAddress To, byte[] Bytes) datagram))
                {
                    Network.Send(host.Address, datagram.To, datagram.Bytes, Now);
                }
            }

            StepOwn();
        }
    }

    /// <summary>Runs until <paramref name="done"/>, at most for that long; false when it never was.</summary>
    public bool RunUntil(long micros, Func<bool> done)
    {
        for (long end = Now + micros; Now < end && !done();)
        {
            Run(1_000);
        }

        return done();
    }

    private void StepOwn()
    {
        while (Network.TryReceive(OwnAddress, Now, _buffer, out int length, out PeerAddress from))
        {
            Own.Handle(_buffer.AsSpan(0, length), from, Now);
        }

        Own.Advance(Now);
        while (Own.TryPeekEvent(out TransportEvent e, out ReadOnlySpan<byte> payload))
        {
            Events.Add((e, payload.ToArray()));
            Own.ConsumeEvent();
        }

        while (Own.TryPollDatagram(_buffer, out int length, out PeerAddress to))
        {
            Network.Send(OwnAddress, to, _buffer.AsSpan(0, length), Now);
        }
    }
}
