using System.Numerics;
using BenchmarkDotNet.Attributes;
using GameServer.Bench.Rooms;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Rewind;
using GameServer.Netcode.Server;
using GameServer.Netcode.Snapshots;

namespace GameServer.Bench.Rewind;

/// <summary>A ray against 1,000 moving hitboxes, each rewound to the middle between two acknowledged ticks.</summary>
[MemoryDiagnoser]
public class RewoundViewBenchmarks
{
    private const int Hitboxes = 1000;

    private RewoundView _view = null!;
    private Vector3 _origin;
    private int _turn;

    [GlobalSetup]
    public void Setup()
    {
        var crowd = new CrowdRoom(new CrowdSizes(1, Hitboxes + 1, 60, 16_384, 4), new RoomObserver());
        crowd.Run(120);
        SnapshotStream stream = crowd.Room.Sessions.Joined[0].Stream;
        _view = new RewoundView(crowd.Room.World.Schema, crowd.Room.History, static _ => { });
        Tick newest = stream.NewestAcked;
        _view.Show(stream, new ViewStamp(newest - 3, 128, newest), oldestState: new Tick(0), graceTicks: 3);
        _origin = new Vector3(0, 0.9f, 0);
    }

    /// <summary>Straight ahead, another way each time, as a rifle's shot.</summary>
    [Benchmark]
    public float Raycast()
    {
        DeterministicMath.SinCos(_turn++ * 0.37f, out float sin, out float cos);
        _view.Raycast(_origin, new Vector3(sin, 0, cos), 100, out Hit hit);
        return hit.Distance;
    }
}
