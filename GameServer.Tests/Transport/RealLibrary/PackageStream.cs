using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport.RealLibrary;

/// <summary>Numbered messages of one method and channel in both directions, and what must have come of them.</summary>
internal sealed class PackageStream(PackageWorld world, DeliveryMethod method, byte channel)
{
    private readonly List<byte[]> _sent = [];

    /// <summary>Sends one message each way.</summary>
    public void Send(int bytes)
    {
        byte[] message = new byte[bytes];
        for (int i = 5; i < bytes; i++)
        {
            message[i] = (byte)((_sent.Count * 7) + (i * 13) + channel);
        }

        BitConverter.TryWriteBytes(message, _sent.Count);
        message[4] = channel; // an unreliable message has none of its own
        _sent.Add(message);
        Assert.That(world.Own.Send(world.OwnPeer, method, channel, message), Is.EqualTo(SendResult.Queued));
        world.Package.Peer!.Send(message, channel, (LiteNetLib.DeliveryMethod)method);
    }

    /// <summary>True when every message that the method promises has arrived on both sides.</summary>
    public bool IsComplete => IsCompleteIn(Here()) && IsCompleteIn(There());

    /// <summary>Byte for byte, in the order and number that the method promises.</summary>
    public void Expect()
    {
        ExpectIn(Here(), "here");
        ExpectIn(There(), "there");
    }

    private bool IsCompleteIn(byte[][] received) => method switch
    {
        DeliveryMethod.ReliableOrdered or DeliveryMethod.ReliableUnordered => received.Length == _sent.Count,
        DeliveryMethod.ReliableSequenced => received.Length > 0 && NumberOf(received[^1]) == _sent.Count - 1,
        _ => true,
    };

    private void ExpectIn(byte[][] received, string where)
    {
        string what = $"{method} {channel}, {where}";
        int[] numbers = [.. received.Select(NumberOf)];
        Assert.That(received.All(m => m.AsSpan().SequenceEqual(_sent[NumberOf(m)])), Is.True, what);
        switch (method)
        {
            case DeliveryMethod.ReliableOrdered:
                Assert.That(numbers, Is.EqualTo(Enumerable.Range(0, _sent.Count)), what);
                break;
            case DeliveryMethod.ReliableUnordered:
                Assert.That(numbers.Order(), Is.EqualTo(Enumerable.Range(0, _sent.Count)), what);
                break;
            case DeliveryMethod.Sequenced or DeliveryMethod.ReliableSequenced:
                Assert.That(numbers, Is.Ordered.And.Unique, what);
                break;
            default:
                break; // whatever arrives, as often as the network likes
        }
    }

    private static int NumberOf(byte[] message) => BitConverter.ToInt32(message);

    private byte[][] Here() =>
        [.. world.Messages.Where(m => m.Event.Method == method && m.Payload[4] == channel).Select(m => m.Payload)];

    private byte[][] There() =>
        [.. world.Package.Messages.Where(m => (DeliveryMethod)m.Method == method && m.Bytes[4] == channel).Select(m => m.Bytes)];
}
