using BenchmarkDotNet.Attributes;
using GameServer.Bench.Rooms;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;

namespace GameServer.Bench.Inputs;

/// <summary>One tick of one player's inputs on the server: six arrive, of which five were there, and one is taken.</summary>
[MemoryDiagnoser]
public class InputBufferBenchmarks
{
    private const int Inputs = 6;

    private InputPacket _packet = null!;
    private InputBuffer _inputs = null!;
    private Tick _next = new(1000);

    [GlobalSetup]
    public void Setup()
    {
        Schema schema = new CrowdRoom(new CrowdSizes(1, 1, 60, 1200, 4), new RoomObserver()).Room.World.Schema;
        _packet = CrowdPackets.Make(schema.Input, _next, Inputs);
        _inputs = new InputBuffer(schema.Input, schema.InputBytes);
    }

    [Benchmark]
    public bool AddAndTake()
    {
        for (int i = 0; i < Inputs; i++)
        {
            _inputs.TryAdd(_next, _next + 2 - (Inputs - 1 - i), in _packet.StampOf(i), _packet.RowOf(i), out _);
        }

        bool received = _inputs.Take(_next, out _, out _);
        _next += 1;
        return received;
    }
}
