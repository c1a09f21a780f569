using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Primitives;
using GameServer.Tests.Support;

namespace GameServer.Tests.Inputs;

/// <summary>Input packets that came damaged.</summary>
public sealed class MutatedInputPacketTests
{
    [Test]
    public void TryRead_CommittedCorpus_IsTaken()
    {
        var packet = new InputPacket(GameSchema<ArenaInput>.Of(new ArenaGame()).Input);
        byte[][] corpus = LabRecorder.Inputs();
        Assert.That(corpus, Has.Length.GreaterThan(100));
        Assert.That(corpus.Count(bytes => packet.TryRead(bytes)), Is.EqualTo(corpus.Length), "the format or the arena is another: LabRecorder.Record_Corpus");
    }

    [Test]
    public void TryRead_MutatedPackets_NeverThrowsAndYieldsOnlyValidRows()
    {
        Schema schema = GameSchema<ArenaInput>.Of(new ArenaGame());
        var packet = new InputPacket(schema.Input);
        var random = DeterministicRandom.From(17, 1);
        byte[][] corpus = [.. LabRecorder.Inputs(), .. Enumerable.Range(0, 40).Select(i => WritePacket(schema, i, ref random))];
        var mutator = new LabMutator(18);
        var scratch = new byte[Limits.DatagramBytesMax];
        int refused = 0;
        int taken = 0;
        for (int i = 0; i < 100_000; i++)
        {
            ReadOnlySpan<byte> bytes = mutator.Mutate(corpus, scratch);
            if (!packet.TryRead(bytes))
            {
                refused++;
                continue;
            }

            taken++;
            for (int n = 0; n < packet.Count; n++)
            {
                Assert.That(schema.Input.IsValid(packet.RowOf(n)), Is.True);
            }
        }

        Assert.That(refused, Is.GreaterThan(1000), "nothing was ever refused");
        Assert.That(taken, Is.GreaterThan(1000), "the mutations never got past the first check");
    }

    private static byte[] WritePacket(Schema schema, int count, ref DeterministicRandom random)
    {
        var packet = new InputPacket(schema.Input) { HasAck = count > 0, AckSequence = (ushort)random.NextUInt(), AckBits = random.NextUInt() };
        var row = new int[schema.Input.Count];
        var first = new Tick(random.NextUInt());
        for (int i = 0; i < count; i++)
        {
            for (int c = 0; c < row.Length; c++)
            {
                row[c] = random.NextBool(0.3f) ? random.NextInt(1 << Math.Min(schema.Input.Columns[c].Bits, 16)) : row[c];
            }

            if (!schema.Input.IsValid(row))
            {
                row.AsSpan().Clear();
            }

            packet.Add(first + i, new ViewStamp(first + i - 9, (byte)random.NextUInt(), first + i - 5), row);
        }

        var bytes = new byte[Limits.DatagramBytesMax];
        return bytes[..packet.Write(bytes)];
    }
}
