using BenchmarkDotNet.Running;
using GameServer.Bench.Allocations;
using GameServer.Bench.Attacks;
using GameServer.Bench.Cheats;
using GameServer.Bench.Lab;
using GameServer.Bench.Mutation;
using GameServer.Bench.Pairs;
using GameServer.Bench.Primitives;
using GameServer.Bench.Programs;
using GameServer.Bench.Rooms;
using GameServer.Bench.Sockets;
using GameServer.Bench.Throughput;
using GameServer.Bench.Ticks;

// A name picks a program; everything else is for BenchmarkDotNet (--filter, --list, …).
switch (args)
{
    case ["room", .. string[] rest]:
        return RoomProgram.Run(rest);
    case ["ticks", .. string[] rest]:
        return TicksProgram.Run(rest);
    case ["lab", .. string[] rest]:
        return LabProgram.Run(rest);
    case ["cheats", .. string[] rest]:
        return CheatsProgram.Run(rest);
    case ["scrapes", .. string[] rest]:
        return ScrapeProgram.Run(rest);
    case ["starts", .. string[] rest]:
        return StartsProgram.Run(rest);
    case ["tiering", .. string[] rest]:
        return TieringProgram.Run(rest);
    case ["echo", .. string[] rest]:
        return EchoCost.Run(rest);
    case ["allocations", .. string[] rest]:
        return AllocationsProgram.Run(rest);
    case ["attack", .. string[] rest]:
        return AttackProgram.Run(rest);
    case ["pairs", .. string[] rest]:
        return PairsProgram.Run(rest);
    case ["throughput", .. string[] rest]:
        return ThroughputProgram.Run(rest);
    case ["mutation", .. string[] rest]:
        return MutationProgram.Run(rest);
    case [] or ["help" or "--help" or "-h" or "-?"]:
        Console.WriteLine(HelpText.Programs);
        return 0;
    case [var unknown, ..] when !unknown.StartsWith('-'):
        Console.Error.WriteLine($"error: there is no program \"{unknown}\"; --help lists them");
        return 2;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(RingBenchmarks).Assembly).Run(args);
        return 0;
}
