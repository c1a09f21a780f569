global using NUnit.Framework;
global using LabClient = GameServer.Tests.Support.LabClient<GameServer.Arena.ArenaInput>;
