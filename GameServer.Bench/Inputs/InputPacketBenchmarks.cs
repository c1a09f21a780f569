using BenchmarkDotNet.Attributes;
using GameServer.Bench.Rooms;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;

namespace GameServer.Bench.Inputs;

/// <summary>An input packet as it is sent every tick: six inputs, of which the receiver has five.</summary>
[MemoryDiagnoser]
public class InputPacketBenchmarks
{
    private const int Inputs = 6;

    private readonly byte[] _buffer = new byte[512];
    private readonly byte[] _written = new byte[512];
    private InputPacket _packet = null!;
    private InputPacket _read = null!;
    private int _writtenBytes;

    [GlobalSetup]
    public void Setup()
    {
        var crowd = new CrowdRoom(new CrowdSizes(1, 1, 60, 1200, 4), new RoomObserver());
        _packet = CrowdPackets.Make(crowd.Room.World.Schema.Input, new Tick(1000), Inputs);
        _read = new InputPacket(crowd.Room.World.Schema.Input);
        _writtenBytes = _packet.Write(_written);
    }

    [Benchmark]
    public int Write() => _packet.Write(_buffer);

    [Benchmark]
    public bool Read() => _read.TryRead(_written.AsSpan(0, _writtenBytes));
}
