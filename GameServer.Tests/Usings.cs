global using NUnit.Framework;
global using LabClient = GameServer.Tests.Support.LabClient<GameServer.Arena.ArenaInput>;

// Twice the processors of a small machine: tests that start a server wait most of the time.
[assembly: LevelOfParallelism(4)]
