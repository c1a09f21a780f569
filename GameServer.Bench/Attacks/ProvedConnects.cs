using System.Globalization;
using System.Net;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Attacks;

/// <summary>One host that answers and connects as often as it can, always from another port: does it take the places of others?</summary>
internal static class ProvedConnects
{
    private const int Ports = 100;
    private const int Rounds = 10;
    private const int BurstSeconds = 4;
    private const string Name = "connects of one host that answers";

    public static AttackRow Run(AttackRun run)
    {
        using var server = new AttackServer(2048);
        using var crowd = new HonestCrowd(server, 8);
        crowd.AwaitJoins();
        CrowdState control = run.Control.Read();
        long before = server.Connected;
        long start = SocketClock.Micros;
        int proved = 0;
        for (int round = 0; round < Rounds; round++)
        {
            proved += Connect(server.Address, round);
        }

        double seconds = (SocketClock.Micros - start) / 1e6;
        Thread.Sleep(200);
        long taken = server.Connected - before;
        HonestClient newcomer = crowd.Add();
        crowd.AwaitJoins();
        double allowed = server.Options.RequestsPerAddress * (BurstSeconds + seconds + 0.2);
        int ended = Math.Max(0, crowd.Read(8).Ended - (run.Control.Read() - control).Ended);
        string figure = string.Create(CultureInfo.InvariantCulture,
            $"{proved:N0} proved connects in {seconds:N1} s, {taken:N0} taken, {ended} sessions ended, "
            + $"a newcomer of another host in after {newcomer.JoinMicros / 1e3:N0} ms");
        string bound = string.Create(
            CultureInfo.InvariantCulture,
            $"at most {allowed:N0} taken (64 a second and four seconds' worth), no session ends, others come in");
        bool holds = taken <= allowed && taken > 0 && ended == 0 && server.Failure is null;
        return proved <= allowed
            ? new AttackRow(Name, figure + ": too few for the limit", bound, holds ? null : false)
            : new AttackRow(Name, figure, bound, holds);
    }

    /// <summary>One request from each port, and the claim that the accept makes possible; returns how many were accepted.</summary>
    private static int Connect(PeerAddress server, int round)
    {
        var options = new SocketOptions
        {
            Bind = new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0), ReceiveBufferBytes = 64 << 10, SendBufferBytes = 64 << 10,
        };
        IDatagramSocket[] sockets = [.. Enumerable.Range(0, Ports).Select(_ => DatagramSocket.Open(options))];
        var batch = new DatagramBatch(4);
        long time = SocketClock.UtcTicksAtZero + (SocketClock.Micros * 10) + round;
        foreach (IDatagramSocket socket in sockets)
        {
            byte first = WireLine.Two.First(PacketKind.ConnectRequest, 0);
            batch.Lengths[0] = Wire.WriteRequest(batch.Buffer(0), first, time, 1, PeerAddress.FromIPv4(0x0100007F, 1), new byte[20]);
            batch.Addresses[0] = server;
            socket.Send(batch, 0, 1);
        }

        int claimed = sockets.Count(socket => Claim(socket, batch, server));
        Thread.Sleep(10); // the claims are in the server's socket
        Array.ForEach(sockets, static s => s.Dispose());
        return claimed;
    }

    private static bool Claim(IDatagramSocket socket, DatagramBatch batch, PeerAddress server)
    {
        for (int wait = 0; wait < 20; wait++)
        {
            for (int i = socket.Receive(batch) - 1; i >= 0; i--)
            {
                if (Wire.TryReadAccept(batch.Datagram(i), 0, out long time, out int number, out int id))
                {
                    batch.Lengths[0] = Wire.AcceptBytes;
                    Wire.WriteAccept(batch.Buffer(0), WireLine.Two.First(PacketKind.PeerNotFound, 0), time, number, 1, id);
                    batch.Addresses[0] = server;
                    socket.Send(batch, 0, 1);
                    return true;
                }
            }

            socket.Wait(5_000);
        }

        return false;
    }
}
