using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;

namespace GameServer.Tests.Snapshots;

/// <summary>What clients share is, bit for bit, what each of them would have been written.</summary>
public sealed class SharedRecordsTests
{
    private readonly KindSchema _kind = GameSchema<ArenaInput>.Of(new ArenaGame()).Kinds[0];
    private readonly byte[] _shared = new byte[512];
    private readonly byte[] _alone = new byte[512];

    [Test]
    public void WriteAndTryGet_AnyRowAtAnyBit_GiveWhatIsWrittenAlone()
    {
        var records = new SharedRecords(4);
        var random = DeterministicRandom.From(11, 1);
        for (int round = 0; round < 2000; round++)
        {
            records.Begin(new Tick((uint)round));
            var baseline = new Tick((uint)round - 1 - (uint)random.NextInt(8));
            (int[] from, int[] row) = (Row(ref random), Row(ref random));
            var span = new SampleSpan(new Tick((uint)round), new Tick((uint)round) - random.NextInt(3), new Tick((uint)round) - 5);
            int shift = random.NextInt(33);
            Assert.That(records.TryGet(2, baseline, out _, out _), Is.False, "nothing was written in this tick");

            var first = new BitWriter(_shared);
            first.Write(0, shift);
            records.Write(ref first, 2, baseline, _kind, in span, from, row);
            Expect(_shared.AsSpan(0, first.Finish()), shift, in span, from, row);

            Assert.That(records.TryGet(2, baseline, out ReadOnlySpan<byte> source, out int bits), Is.True);
            var second = new BitWriter(_shared);
            second.Write(0, shift);
            second.WriteBits(source, bits);
            Expect(_shared.AsSpan(0, second.Finish()), shift, in span, from, row);

            Assert.That(records.TryGet(2, baseline - 8, out _, out _), Is.False, "another baseline in the same place");
            Assert.That(records.TryGet(1, baseline, out _, out _), Is.False, "another slot");
        }
    }

    [Test]
    public void Write_MoreThanFits_WritesTheRestAlone()
    {
        var records = new SharedRecords(4096);
        var random = DeterministicRandom.From(12, 1);
        records.Begin(new Tick(100));
        (int[] from, int[] row) = (Row(ref random), Row(ref random));
        var span = new SampleSpan(new Tick(100), new Tick(98), new Tick(90));
        int kept = 0;
        for (int i = 0; i < 4096 * 8; i++)
        {
            var writer = new BitWriter(_shared);
            records.Write(ref writer, i >> 3, new Tick(92 + (uint)(i & 7)), _kind, in span, from, row);
            Expect(_shared.AsSpan(0, writer.Finish()), 0, in span, from, row);
            kept += records.TryGet(i >> 3, new Tick(92 + (uint)(i & 7)), out _, out _) ? 1 : 0;
        }

        Assert.That(kept, Is.InRange(1000, (4096 * 8) - 1000));
    }

    [Test]
    public void WriteBits_DoesNotFit_WritesNothingAndOverflows()
    {
        var writer = new BitWriter(_shared.AsSpan(0, 4));
        writer.Write(5, 3);
        writer.WriteBits(_alone, 30);
        Assert.That(writer.Overflowed, Is.True);
        Assert.That(writer.BitCount, Is.EqualTo(3));
    }

    private void Expect(ReadOnlySpan<byte> actual, int shift, in SampleSpan span, int[] from, int[] row)
    {
        var writer = new BitWriter(_alone);
        writer.Write(0, shift);
        SnapshotWriter.WriteSeen(ref writer, _kind, in span, from, row);
        Assert.That(actual.SequenceEqual(_alone.AsSpan(0, writer.Finish())), Is.True);
    }

    private int[] Row(ref DeterministicRandom random)
    {
        int[] row = new int[_kind.Seen.Count];
        for (int i = 0; i < row.Length; i++)
        {
            row[i] = (int)(random.NextUInt() & (uint.MaxValue >> (32 - _kind.Seen.Columns[i].Bits)));
        }

        return row;
    }
}
