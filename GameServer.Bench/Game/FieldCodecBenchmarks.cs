using BenchmarkDotNet.Attributes;
using GameServer.Bench.Rooms;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Bench.Game;

/// <summary>100 walkers, each against its own state a few ticks before, in and out of a row; figures are per entity.</summary>
[MemoryDiagnoser]
public class FieldCodecBenchmarks
{
    private const int Entities = 100;

    private readonly byte[] _buffer = new byte[4096];
    private FieldTable _table = null!;
    private int[] _baselines = [];
    private int[] _rows = [];
    private int[] _read = [];
    private Walker[] _walkers = [];
    private int _writtenBytes;

    [GlobalSetup]
    public void Setup()
    {
        var crowd = new CrowdRoom(new CrowdSizes(Entities, Entities, 60, 16_384, 4), new Netcode.Server.RoomObserver());
        _table = crowd.Room.World.Schema.Kinds[0].Seen;
        _baselines = new int[Entities * _table.Count];
        _rows = new int[Entities * _table.Count];
        _read = new int[_table.Count];
        _walkers = new Walker[Entities];
        crowd.Run(60);
        CaptureAll(crowd, _baselines);
        crowd.Run(4);
        CaptureAll(crowd, _rows);
        _writtenBytes = Write();
    }

    [Benchmark(OperationsPerInvoke = Entities)]
    public int Capture()
    {
        for (int i = 0; i < Entities; i++)
        {
            _table.Capture(ref System.Runtime.CompilerServices.Unsafe.As<Walker, byte>(ref _walkers[i]), 0, _read);
        }

        return _read[1];
    }

    [Benchmark(OperationsPerInvoke = Entities)]
    public int Write()
    {
        var writer = new BitWriter(_buffer);
        for (int i = 0; i < Entities; i++)
        {
            FieldCodec.Write(ref writer, _table.Columns, Row(_baselines, i), Row(_rows, i));
        }

        return writer.Finish();
    }

    [Benchmark(OperationsPerInvoke = Entities)]
    public bool Read()
    {
        var reader = new BitReader(_buffer.AsSpan(0, _writtenBytes));
        for (int i = 0; i < Entities; i++)
        {
            FieldCodec.Read(ref reader, _table.Columns, Row(_baselines, i), _read);
        }

        return reader.Failed;
    }

    private ReadOnlySpan<int> Row(int[] rows, int index) => rows.AsSpan(index * _table.Count, _table.Count);

    private void CaptureAll(CrowdRoom crowd, int[] rows)
    {
        int i = 0;
        foreach (EntityId id in crowd.Room.World.Of(CrowdGame.Walkers))
        {
            _walkers[i] = crowd.Room.World.Get(CrowdGame.Walkers, id);
            _table.Capture(ref System.Runtime.CompilerServices.Unsafe.As<Walker, byte>(ref _walkers[i]), 0, rows.AsSpan(i * _table.Count, _table.Count));
            i++;
        }
    }
}
