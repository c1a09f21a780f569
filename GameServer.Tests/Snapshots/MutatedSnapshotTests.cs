using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;
using GameServer.Tests.Support;

namespace GameServer.Tests.Snapshots;

/// <summary>Snapshots that came damaged.</summary>
public sealed class MutatedSnapshotTests
{
    [Test]
    public void TryRead_CommittedCorpus_IsTakenInOrder()
    {
        var drops = new DropCounters();
        var reader = new SnapshotReader(GameSchema<ArenaInput>.Of(new ArenaGame()), new NoSink(), drops);
        byte[][] corpus = LabRecorder.Snapshots();
        foreach (byte[] snapshot in corpus)
        {
            reader.TryRead(snapshot);
            CheckRows(reader);
        }

        long late = drops[DropReason.SnapshotOld] + drops[DropReason.SnapshotDuplicate];
        Assert.That(reader.Received + late, Is.EqualTo(corpus.Length).And.GreaterThan(150), "the format or the arena is another: LabRecorder.Record_Corpus");
    }

    [Test]
    public void TryRead_MutatedSnapshots_NeverThrowsAndEveryReasonIsCounted()
    {
        byte[][] corpus = LabRecorder.Snapshots();
        Schema schema = GameSchema<ArenaInput>.Of(new ArenaGame());
        var mutator = new LabMutator(51);
        var random = DeterministicRandom.From(52, 1);
        var scratch = new byte[Limits.DatagramBytesMax];
        var drops = new DropCounters();
        var sink = new NoSink();
        var reader = new SnapshotReader(schema, sink, drops);
        int next = 0;
        for (int i = 0; i < 100_000; i++)
        {
            if (i % 1000 == 0)
            {
                reader = new SnapshotReader(schema, sink, drops); // another client, from the start of the recording
                next = 0;
            }

            if (random.NextBool(0.1f) && next < corpus.Length)
            {
                reader.TryRead(corpus[next++]);
            }
            else
            {
                byte[][] near = corpus[Math.Max(0, next - 3)..Math.Min(corpus.Length, next + 5)];
                reader.TryRead(mutator.Mutate(near.Length > 0 ? near : corpus, scratch));
            }

            CheckRows(reader);
        }

        foreach (DropReason reason in new[]
        {
            DropReason.SnapshotMalformed, DropReason.SnapshotOld, DropReason.SnapshotDuplicate, DropReason.SnapshotBaselineMissing, DropReason.SnapshotEntityUnknown,
        })
        {
            Assert.That(drops[reason], Is.GreaterThan(0), $"{reason} was never counted");
        }

        Assert.That(sink.Told, Is.GreaterThan(100));
    }

    private static void CheckRows(SnapshotReader reader)
    {
        EntityReplica replica = reader.Replicas.Span[0];
        if (replica.IsKnown && replica.Seen.Count > 0 && !replica.Kind.Seen.IsValid(replica.Seen.NewestRow))
        {
            Assert.Fail("a row that the tables do not allow was taken");
        }
    }

    private sealed class NoSink : ISnapshotSink
    {
        public int Told { get; private set; }

        public void OnEvent(int eventIndex, ushort sequence, Tick tick, byte ordinal, bool ownKey, ReadOnlySpan<int> row) => Told++;

        public void OnVerdict(in ShotVerdict verdict) => Told++;

        public void OnBegin(EntityReplica replica) => Told++;

        public void OnRemove(EntityReplica replica) => Told++;
    }
}
