using BenchmarkDotNet.Running;
using GameServer.Bench.Primitives;
using GameServer.Bench.Sockets;

if (args is ["echo", ..])
{
    return EchoCost.Run(args[1..]);
}

BenchmarkSwitcher.FromAssembly(typeof(RingBenchmarks).Assembly).Run(args);
return 0;
