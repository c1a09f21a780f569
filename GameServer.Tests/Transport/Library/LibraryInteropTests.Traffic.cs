using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport.Library;

/// <summary>What both sides send, and what must have come of it.</summary>
internal sealed partial class LibraryInteropTests
{
    /// <summary>Some seconds of everything in both directions.</summary>
    private void Exchange(LibraryLab lab, LibraryHost library, ulong seed)
    {
        DeterministicRandom random = DeterministicRandom.From(seed, 5);
        for (int round = 0; round < 120; round++)
        {
            for (int i = random.NextInt(5); i > 0; i--)
            {
                var method = (DeliveryMethod)random.NextInt(5);
                bool large = random.NextInt(8) == 0;
                int bytes = !large ? 4 + random.NextInt(200) : ((int)method & 1) == 0 && method != DeliveryMethod.Unreliable ? 1000 + random.NextInt(9000) : 900;
                Send(lab, library, method, method == DeliveryMethod.Unreliable ? 0 : random.NextInt(2), bytes);
            }

            lab.Run(20_000);
        }

        Settle(lab, library, 30);
    }

    private void Send(LibraryLab lab, LibraryHost library, DeliveryMethod method, int channel, int bytes)
    {
        foreach (bool fromOwn in new[] { true, false })
        {
            var key = (fromOwn, method == DeliveryMethod.Unreliable ? UnreliableId : (channel * 4) + (int)method);
            List<byte[]> sent = _sent.TryGetValue(key, out List<byte[]>? list) ? list : _sent[key] = [];
            byte[] message = new byte[bytes];
            for (int i = 4; i < bytes; i++)
            {
                message[i] = (byte)((sent.Count * 7) + (i * 13) + key.Item2);
            }

            BitConverter.TryWriteBytes(message, sent.Count);
            if (fromOwn)
            {
                Assert.That(lab.Own.Send(lab.OwnPeer, method, (byte)channel, message), Is.EqualTo(SendResult.Queued));
            }
            else
            {
                library.Connected!.Send(method, channel, message);
            }

            sent.Add(message);
        }
    }

    private static void Settle(LibraryLab lab, LibraryHost library, int seconds) => Assert.That(
        lab.RunUntil(seconds * 1_000_000L, () => IsAllAcknowledged(lab, library)), Is.True, "everything reliable is acknowledged in time");

    private static bool IsAllAcknowledged(LibraryLab lab, LibraryHost library) =>
        library.Connected is { IsIdle: true } && lab.Own.TryGetStats(lab.OwnPeer, out PeerStats stats) && stats.ReliableQueueBytes == 0;

    /// <summary>Every stream as its method promises it, byte for byte, and nothing that the library would have thrown away as malformed.</summary>
    private void Expect(LibraryLab lab, LibraryHost library)
    {
        lab.Run(200_000);
        foreach (((bool fromOwn, int channelId), List<byte[]> sent) in _sent)
        {
            byte[][] received = fromOwn
                ? [.. library.Messages.Where(m => IdOf(m.Method, m.Channel) == channelId).Select(m => m.Bytes)]
                : [.. lab.Messages.Where(m => IdOf(m.Event.Method, m.Event.Channel) == channelId).Select(m => m.Payload)];
            string what = $"{(fromOwn ? "to" : "from")} the library, channel id {channelId}";
            Assert.That(received.All(m => m.AsSpan().SequenceEqual(sent[BitConverter.ToInt32(m)])), Is.True, what);
            int[] numbers = [.. received.Select(m => BitConverter.ToInt32(m))];
            if (channelId == UnreliableId)
            {
                continue;
            }

            switch ((DeliveryMethod)(channelId & 3))
            {
                case DeliveryMethod.ReliableOrdered:
                    Assert.That(numbers, Is.EqualTo(Enumerable.Range(0, sent.Count)), what);
                    break;
                case DeliveryMethod.ReliableUnordered:
                    Assert.That(numbers.Order(), Is.EqualTo(Enumerable.Range(0, sent.Count)), what);
                    break;
                case DeliveryMethod.ReliableSequenced:
                    Assert.That(numbers, Is.Ordered.And.Unique, what);
                    Assert.That(numbers[^1], Is.EqualTo(sent.Count - 1), what);
                    break;
                default:
                    Assert.That(numbers, Is.Ordered.And.Unique, what);
                    break;
            }
        }

        Assert.That(library.Violations, Is.Empty);
        static int IdOf(DeliveryMethod method, int channel) => method == DeliveryMethod.Unreliable ? UnreliableId : (channel * 4) + (int)method;
    }
}
