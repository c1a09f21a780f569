using BenchmarkDotNet.Attributes;
using GameServer.Bench.Rooms;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Snapshots;

namespace GameServer.Bench.Snapshots;

/// <summary>One changed entity for one client, all clients having acknowledged the same tick; figures are per entity and client.</summary>
/// <remarks>100 walkers, 100 clients that take turns: what one client's snapshot leaves in a cache may serve the next one.</remarks>
[MemoryDiagnoser]
public class SnapshotWriterBenchmarks
{
    private const int Entities = 100;

    private readonly byte[] _buffer = new byte[4096];
    private SnapshotWriter _writer = null!;
    private Session[] _sessions = [];
    private Tick _tick;
    private int _next;

    [GlobalSetup]
    public void Setup()
    {
        var crowd = new CrowdRoom(new CrowdSizes(Entities, Entities, 60, 16_384, 4), new RoomObserver());
        crowd.Run(120);
        _writer = new SnapshotWriter(crowd.Room.World, crowd.Room.History, crowd.Room.Log, crowd.Room.Log);
        _sessions = [.. crowd.Room.Sessions.Joined];
        _tick = crowd.Room.NextTick - 1;
    }

    /// <summary>Choosing what to tell.</summary>
    [Benchmark(OperationsPerInvoke = Entities)]
    public bool Build()
    {
        BuildNext();
        return _writer.HasMore;
    }

    /// <summary>Choosing and writing.</summary>
    [Benchmark(OperationsPerInvoke = Entities)]
    public int BuildAndWrite()
    {
        Session session = BuildNext();
        var header = default(SnapshotHeader);
        session.Describe(ref header, _tick);
        int size = _writer.Write(_buffer, session.Stream, ref header);
        _writer.Complete();
        return size;
    }

    // Nothing counts as sent, so that each turn of a client finds everything to be told.
    private Session BuildNext()
    {
        Session session = _sessions[_next];
        _next = (_next + 1) % _sessions.Length;
        foreach (int slot in session.Stream.Tracked)
        {
            session.Stream.Track(slot).HasSent = false;
        }

        _writer.Build(session.Stream, 16_384);
        return session;
    }
}
