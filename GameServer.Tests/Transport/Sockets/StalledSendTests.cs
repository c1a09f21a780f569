#if !NETCODE_PORTABLE
using System.Diagnostics;
using System.Net;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport.Sockets;

/// <summary>A real socket whose kernel takes no more (EAGAIN): a network of its own whose link is slow, and a send buffer of a few datagrams.</summary>
/// <remarks>Plain loopback never does that: it gives the sender's buffer back at once. Needs the right to make a network namespace, and tc.</remarks>
[Category("Socket")]
[Platform(Include = "Linux")]
[NonParallelizable]
public sealed partial class StalledSendTests
{
    private const int NewNetwork = 0x40000000; // CLONE_NEWNET
    private const int Messages = 3_000;

    [Test]
    public void Send_OverASlowLink_StallsAndKeepsOrderAndCaps()
    {
        string? missing = null;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            missing = EnterSlowNetwork();
            try
            {
                if (missing is null)
                {
                    SendMany();
                }
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        if (missing is not null)
        {
            Assert.Ignore(missing);
        }
    }

    private static void SendMany()
    {
        using IDatagramSocket sender = Open(sendBufferBytes: 2048);
        using IDatagramSocket receiver = Open(sendBufferBytes: 1 << 20);
        var client = new TransportEndpoint(new TransportOptions { MaxPeers = 1, MtuDiscovery = false }, 1, SocketClock.Micros);
        var server = new TransportEndpoint(new TransportOptions { MaxPeers = 1, MtuDiscovery = false }, 2, SocketClock.Micros);
        var outward = new TransportPort(sender, client);
        var inward = new TransportPort(receiver, server);
        PeerId peer = client.Connect(receiver.LocalAddress, [], SocketClock.Micros);
        var received = new List<int>();
        int sent = 0;
        int queueFull = 0;
        int stalledMax = 0;
        byte[] message = new byte[800];
        for (long deadline = SocketClock.Micros + 20_000_000; received.Count < Messages && SocketClock.Micros < deadline;)
        {
            while (sent < Messages)
            {
                BitConverter.TryWriteBytes(message, sent);
                SendResult result = client.Send(peer, DeliveryMethod.Unreliable, 0, message);
                if (result != SendResult.Queued)
                {
                    queueFull += result == SendResult.QueueFull ? 1 : 0;
                    break;
                }

                sent++;
            }

            Round(client, outward);
            stalledMax = Math.Max(stalledMax, outward.Stalled);
            while (client.TryPeekEvent(out _, out _))
            {
                client.ConsumeEvent();
            }

            Round(server, inward);
            while (server.TryPeekEvent(out TransportEvent e, out ReadOnlySpan<byte> payload))
            {
                if (e.Kind == TransportEventKind.Message)
                {
                    received.Add(BitConverter.ToInt32(payload));
                }

                server.ConsumeEvent();
            }
        }

        TestContext.Out.WriteLine($"{sender.SendStalls} stalls, at most {stalledMax} datagrams kept, {queueFull} times told to wait");
        Assert.That(received, Is.EqualTo(Enumerable.Range(0, Messages)), "in order, none lost, none twice");
        Assert.That(sender.SendStalls, Is.Positive, "the kernel did refuse");
        Assert.That(stalledMax, Is.InRange(1, DatagramBatch.CapacityMax), "what is kept has a cap");
        Assert.That(queueFull, Is.Positive, "the application is told");
        Assert.That(sender.SendErrors, Is.Zero);
    }

    private static void Round(TransportEndpoint endpoint, TransportPort port)
    {
        port.Receive();
        endpoint.Advance(SocketClock.Micros);
        port.Send();
    }

    private static IDatagramSocket Open(int sendBufferBytes) => DatagramSocket.Open(new SocketOptions
    {
        Bind = new IPEndPoint(IPAddress.Loopback, 0), SendBufferBytes = sendBufferBytes, ReceiveBufferBytes = 1 << 20,
    });

    /// <summary>Gives this thread a network of its own whose loopback moves 4 MB/s; says what is missing for that.</summary>
    private static string? EnterSlowNetwork()
    {
        if (Unshare(NewNetwork) != 0)
        {
            return "needs the right to make a network namespace";
        }

        return Runs("ip", "link set lo up") && Runs("tc", "qdisc add dev lo root tbf rate 32mbit burst 4000 limit 4000000") ? null : "needs ip and tc with tbf";
    }

    private static bool Runs(string program, string arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);
}
#endif
