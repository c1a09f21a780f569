global using NUnit.Framework;
global using LabClient = GameServer.Tests.Support.LabClient<GameServer.Arena.ArenaInput>;

// Fixtures run beside each other, more of them than a small machine has processors: those with sockets and processes wait most of the time while others
// compute. What measures the machine, or changes what all share (environment, console), says NonParallelizable and runs alone afterwards.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(8)]
