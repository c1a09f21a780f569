using BenchmarkDotNet.Running;
using GameServer.Bench.Primitives;

BenchmarkSwitcher.FromAssembly(typeof(RingBenchmarks).Assembly).Run(args);
return 0;
