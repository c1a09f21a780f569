using BenchmarkDotNet.Attributes;
using GameServer.Bench.Rooms;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Snapshots;

namespace GameServer.Bench.Snapshots;

/// <summary>A client's reading of 200 snapshots of 100 walkers in motion: each checked as a whole, then applied; figures are per entity.</summary>
[MemoryDiagnoser]
public class SnapshotReaderBenchmarks
{
    private const int Entities = 100;
    private const int Lead = 60;
    private const int Snapshots = 200;

    private readonly List<byte[]> _payloads = [];
    private CrowdRoom _crowd = null!;
    private SnapshotReader _reader = null!;

    [GlobalSetup]
    public void Setup()
    {
        _crowd = new CrowdRoom(new CrowdSizes(Entities, Entities, 60, 16_384, 4), new RoomObserver()) { Recording = _payloads };
        _crowd.Run(Lead + Snapshots + 10);
    }

    // A snapshot is read once: each measurement has a reader of its own, which has begun to read.
    [IterationSetup]
    public void Begin()
    {
        _reader = new SnapshotReader(_crowd.Room.World.Schema, new Sink(), new DropCounters());
        ReadSome(0, Lead);
    }

    [Benchmark(OperationsPerInvoke = Entities * Snapshots)]
    public long Read()
    {
        ReadSome(Lead, Lead + Snapshots);
        return _reader.Received;
    }

    private void ReadSome(int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            if (!_reader.TryRead(_payloads[i]))
            {
                throw new InvalidOperationException("a snapshot was refused");
            }
        }
    }

    private sealed class Sink : ISnapshotSink
    {
        public void OnEvent(int eventIndex, ushort sequence, Tick tick, byte ordinal, bool ownKey, ReadOnlySpan<int> row)
        {
        }

        public void OnVerdict(in ShotVerdict verdict)
        {
        }

        public void OnBegin(EntityReplica replica)
        {
        }

        public void OnRemove(EntityReplica replica)
        {
        }
    }
}
