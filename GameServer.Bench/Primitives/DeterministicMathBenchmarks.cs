using System.Numerics;
using BenchmarkDotNet.Attributes;
using GameServer.Netcode.Primitives;

namespace GameServer.Bench.Primitives;

/// <summary>What reproducible bits cost beside the platform's functions; figures are per call.</summary>
public class DeterministicMathBenchmarks
{
    private const int Calls = 1000;

    private readonly float[] _angles = new float[Calls];

    [GlobalSetup]
    public void Setup()
    {
        DeterministicRandom random = DeterministicRandom.From(4, 1);
        for (int i = 0; i < Calls; i++)
        {
            _angles[i] = random.NextFloat(-7, 7);
        }
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public float SinCos()
    {
        float sum = 0;
        foreach (float angle in _angles)
        {
            DeterministicMath.SinCos(angle, out float sin, out float cos);
            sum += sin + cos;
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    public float PlatformSinCos()
    {
        float sum = 0;
        foreach (float angle in _angles)
        {
            (float sin, float cos) = MathF.SinCos(angle);
            sum += sin + cos;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public float Atan2()
    {
        float sum = 0;
        foreach (float angle in _angles)
        {
            sum += DeterministicMath.Atan2(angle, 1.5f);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public Vector3 Normalize()
    {
        Vector3 sum = default;
        foreach (float angle in _angles)
        {
            sum += DeterministicMath.Normalize(new Vector3(angle, 1, 2));
        }

        return sum;
    }
}
