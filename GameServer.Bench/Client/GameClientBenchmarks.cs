using BenchmarkDotNet.Attributes;
using GameServer.Bench.Lab;

namespace GameServer.Bench.Client;

/// <summary>One frame of a whole arena match in virtual time; figures are per client, with its share of the server and the network.</summary>
/// <remarks>The lab program tells the parts apart.</remarks>
[MemoryDiagnoser]
public class GameClientBenchmarks
{
    private const int Clients = 16;
    private const int Hz = 50; // a whole number of milliseconds, so that each call is one frame and one tick

    private VirtualMatch _match = null!;

    [GlobalSetup]
    public void Setup()
    {
        _match = new VirtualMatch(Clients, Hz, Hz, default, seed: 1);
        _match.Run(10_000_000);
    }

    [Benchmark(OperationsPerInvoke = Clients)]
    public long UpdateInMatch()
    {
        _match.Run(1_000_000 / Hz);
        return _match.Updates;
    }
}
