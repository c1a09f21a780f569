using BenchmarkDotNet.Attributes;
using GameServer.Netcode.Primitives;

namespace GameServer.Bench.Primitives;

/// <summary>100 numbers of mixed widths, as in the fields of a delta, in and out of one packet; figures are per number.</summary>
[MemoryDiagnoser]
public class BitStreamBenchmarks
{
    private const int Numbers = 100;

    private readonly byte[] _buffer = new byte[1200];
    private readonly byte[] _written = new byte[1200];
    private readonly int[] _widths = new int[Numbers];
    private readonly uint[] _values = new uint[Numbers];
    private int _writtenBytes;

    [GlobalSetup]
    public void Setup()
    {
        DeterministicRandom random = DeterministicRandom.From(1, 1);
        for (int i = 0; i < Numbers; i++)
        {
            _widths[i] = random.NextInt(1, 17);
            _values[i] = random.NextUInt() >> (32 - _widths[i]);
        }

        _writtenBytes = Write();
        _buffer.CopyTo(_written, 0);
    }

    [Benchmark(OperationsPerInvoke = Numbers)]
    public int Write()
    {
        var writer = new BitWriter(_buffer);
        for (int i = 0; i < Numbers; i++)
        {
            writer.Write(_values[i], _widths[i]);
        }

        return writer.Finish();
    }

    [Benchmark(OperationsPerInvoke = Numbers)]
    public uint Read()
    {
        var reader = new BitReader(_written.AsSpan(0, _writtenBytes));
        uint sum = 0;
        for (int i = 0; i < Numbers; i++)
        {
            sum += reader.Read(_widths[i]);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Numbers)]
    public int WriteVariable()
    {
        var writer = new BitWriter(_buffer);
        for (int i = 0; i < Numbers; i++)
        {
            writer.WriteVariable(_values[i]);
        }

        return writer.Finish();
    }

    [Benchmark]
    public int WriteBytesUnaligned()
    {
        var writer = new BitWriter(_buffer);
        writer.WriteBool(true);
        writer.WriteBytes(_written.AsSpan(0, 64));
        return writer.Finish();
    }
}
