using BenchmarkDotNet.Attributes;
using GameServer.Bench.Rooms;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Snapshots;

namespace GameServer.Bench.Snapshots;

/// <summary>Quantising a world of 100 walkers into the frame of a tick.</summary>
[MemoryDiagnoser]
public class SnapshotHistoryBenchmarks
{
    private SnapshotHistory _history = null!;
    private Tick _tick;

    [GlobalSetup]
    public void Setup()
    {
        var crowd = new CrowdRoom(new CrowdSizes(100, 100, 60, 16_384, 4), new RoomObserver());
        crowd.Run(60);
        _history = crowd.Room.History;
        _tick = crowd.Room.NextTick;
    }

    [Benchmark]
    public Tick Capture()
    {
        _history.Capture(_tick);
        _tick += 1;
        return _tick;
    }
}
