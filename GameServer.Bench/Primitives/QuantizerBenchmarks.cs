using BenchmarkDotNet.Attributes;
using GameServer.Netcode.Primitives;

namespace GameServer.Bench.Primitives;

/// <summary>One coordinate to its quantum and back; figures are per coordinate.</summary>
public class QuantizerBenchmarks
{
    private const int Coordinates = 1000;

    private readonly Quantizer _quantizer = new(-64, 64, 1 / 64f);
    private readonly float[] _values = new float[Coordinates];
    private readonly int[] _quanta = new int[Coordinates];

    [GlobalSetup]
    public void Setup()
    {
        DeterministicRandom random = DeterministicRandom.From(2, 1);
        for (int i = 0; i < Coordinates; i++)
        {
            _values[i] = random.NextFloat(-64, 64);
            _quanta[i] = _quantizer.Quantize(_values[i]);
        }
    }

    [Benchmark(OperationsPerInvoke = Coordinates)]
    public int Quantize()
    {
        int sum = 0;
        foreach (float value in _values)
        {
            sum += _quantizer.TryQuantize(value, out int quantum) ? quantum : 0;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Coordinates)]
    public float Dequantize()
    {
        float sum = 0;
        foreach (int quantum in _quanta)
        {
            sum += _quantizer.Dequantize(quantum);
        }

        return sum;
    }
}
