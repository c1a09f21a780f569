using GameServer.Netcode.Messages;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Support;

/// <summary>The snapshots that a real room sent to one client, in the order in which they arrived.</summary>
internal static class LabRecorder
{
    public static List<byte[]> Record(int count, ulong seed)
    {
        var snapshots = new List<byte[]>();
        var lab = new Lab(new LabOptions { Seed = seed, Clients = 6, SyncTest = false, Checks = false, Down = new LinkModel { DelayMicros = 20_000, LossPercent = 5 } });

        // One byte of the transport stands before an unreliable payload.
        lab.Clients[0].Socket.Received = datagram =>
        {
            if (datagram.Length > 8 && datagram[1] == (byte)PayloadKind.Snapshot && (datagram[0] & 31) == 0)
            {
                snapshots.Add(datagram[1..].ToArray());
            }
        };
        for (int i = 0; i < 100 && snapshots.Count < count; i++)
        {
            lab.Run(0.5);
        }

        Assert.That(snapshots, Has.Count.GreaterThanOrEqualTo(count));
        return snapshots;
    }
}
