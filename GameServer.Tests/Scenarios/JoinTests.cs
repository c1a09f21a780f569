using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Client;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>H1, T5: coming and going.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class JoinTests
{
    [Test]
    public void H1_JoinsAtThirtyPercentLoss_SucceedInTimeOrSayWhy()
    {
        const int delayMillis = 40;
        var link = new LinkModel { DelayMicros = delayMillis * 1000, LossPercent = 30 };
        var times = new List<double>();
        var failures = new List<string>();
        for (ulong seed = 1; seed <= 13; seed++)
        {
            var lab = new Lab(new LabOptions { Seed = seed, Clients = 16, Up = link, Down = link, Checks = false });
            lab.Run(10);
            foreach (LabClient<ArenaInput> client in lab.Clients)
            {
                if (client.JoinedAtMicros < 0)
                {
                    failures.Add($"seed {seed} client {client.Index}: {client.Client.EndReason} after {(client.EndedAtMicros - client.StartedAtMicros) / 1000} ms");
                }

                Assert.That(client.JoinedAtMicros >= 0 || client.Client.State == ClientState.Ended, $"seed {seed}: client {client.Index} is {client.Client.State}");
                if (client.JoinedAtMicros >= 0)
                {
                    times.Add((client.JoinedAtMicros - client.StartedAtMicros) / 1000.0);
                }
            }
        }

        times.Sort();
        TestContext.Out.WriteLine($"{times.Count} joins, {failures.Count} failed, median {times[times.Count / 2]:F0} ms, p99 {times[(int)(times.Count * 0.99)]:F0} ms");
        Assert.That(failures, Has.Count.LessThanOrEqualTo((times.Count + failures.Count) / 100), string.Join('\n', failures));
        Assert.That(times[times.Count / 2], Is.LessThanOrEqualTo((4 * 2 * delayMillis) + 500), "4 round trips + 500 ms");
        Assert.That(times[(int)(times.Count * 0.99)], Is.LessThanOrEqualTo(5_000), "5 s");
    }

    /// <summary>The join is a reliable message behind the connect: it and its proof have to arrive within the two seconds that a connection may wait.</summary>
    [Test]
    public void H1_JoinAsAMessageAtThirtyPercentLoss_SucceedsInTimeOrSaysWhy()
    {
        var link = new LinkModel { DelayMicros = 40_000, LossPercent = 30 };
        var times = new List<double>();
        var failures = new List<string>();
        for (ulong seed = 1; seed <= 300; seed++)
        {
            var lab = new Lab(new LabOptions { Seed = seed, Clients = 0, Checks = false, SyncTest = false });
            var external = new LabCheat(lab.Network, lab.Server.Address, link);
            lab.Stranger = external.Update;
            while (external.Client.State is not (ClientState.Playing or ClientState.Ended) && lab.NowMicros < 12_000_000)
            {
                lab.Run(0.01);
            }

            if (external.Client.State == ClientState.Playing)
            {
                times.Add(lab.NowMicros / 1000.0);
            }
            else
            {
                failures.Add($"seed {seed}: {external.Client.State} {external.Client.EndReason} {string.Join(' ', lab.Observer.RefusedTexts)}");
            }
        }

        times.Sort();
        TestContext.Out.WriteLine($"{times.Count} joins, {failures.Count} failed, median {times[times.Count / 2]:F0} ms, p99 {times[(int)(times.Count * 0.99)]:F0} ms");
        Assert.That(failures, Has.Count.LessThanOrEqualTo((times.Count + failures.Count) / 100), string.Join('\n', failures));
        Assert.That(times[(int)(times.Count * 0.99)], Is.LessThanOrEqualTo(5_000), "5 s");
    }

    [Test]
    public void H1_ClientSwitchedOff_SlotIsFreeWithinTheTimeout()
    {
        var lab = new Lab(new LabOptions { Clients = 3, Up = new LinkModel { DelayMicros = 10_000 }, Down = new LinkModel { DelayMicros = 10_000 } });
        lab.Run(2);
        int seat = lab.Clients[1].Client.Player.Index;
        lab.Clients[1].IsSwitchedOff = true;
        lab.Run(5 + 0.05);
        lab.Invariants.CheckNothingRemains();
        Assert.That(lab.Observer.Left, Is.EqualTo(new[] { ("lab1", LeaveReason.Timeout) }));
        LabClient next = lab.AddClient();
        lab.Run(1);
        Assert.That(next.Client.State, Is.EqualTo(ClientState.Playing));
        Assert.That(next.Client.Player.Index, Is.EqualTo(seat), "the seat of the one who left");
        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }

    [Test]
    public void T5_ClientLeaves_NothingOfItRemainsAndOthersGoOn()
    {
        var lab = new Lab(new LabOptions { Clients = 5, Up = new LinkModel { DelayMicros = 30_000, LossPercent = 5 }, Down = new LinkModel { DelayMicros = 30_000, LossPercent = 5 } });
        lab.Run(4);
        lab.Clients[0].Leave(lab.NowMicros);
        lab.Clients[3].Leave(lab.NowMicros);
        lab.Run(1.5);
        lab.Invariants.CheckNothingRemains();
        Assert.That(lab.Observer.Left.Select(l => l.Reason), Is.EqualTo(new[] { LeaveReason.Left, LeaveReason.Left }));
        Assert.That(lab.Clients[0].Client.EndReason, Is.EqualTo(LeaveReason.Left));
        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }

    [Test]
    public void Join_RoomIsFull_IsRefusedWithThatReason()
    {
        var lab = new Lab(new LabOptions { Clients = 3, PlayersMax = 2, SpectatorsMax = 1 });
        lab.Run(1);
        Assert.That(lab.Clients.Count(c => c.Client.State == ClientState.Playing), Is.EqualTo(2));
        Assert.That(lab.Clients.Single(c => c.Client.State == ClientState.Ended).Client.EndReason, Is.EqualTo(LeaveReason.Full));
        LabClient watcher = lab.AddClient(new ClientOptions { IsSpectator = true });
        lab.Run(1);
        Assert.That(watcher.Client.State, Is.EqualTo(ClientState.Playing), "players do not take the seats of those who watch");
    }

    [Test]
    public void Join_RoomIsDraining_IsRefusedAndTheOthersAreTold()
    {
        var lab = new Lab(new LabOptions { Clients = 2 });
        lab.Run(1);
        lab.Server.Room.BeginDraining(30);
        LabClient late = lab.AddClient();
        lab.Run(1);
        Assert.That(late.Client.State, Is.EqualTo(ClientState.Ended));
        Assert.That(late.Client.EndReason, Is.EqualTo(LeaveReason.Draining));
        Assert.That(lab.Clients.Take(2).Select(c => c.Client.DrainingSeconds), Is.All.EqualTo(30));
        lab.Server.Room.Notify("the server stops within 30 s");
        lab.Run(0.5);
        Assert.That(lab.Clients.Take(2).Select(c => (c.Client.LastNotice, c.Client.NoticeCount)), Is.All.EqualTo(("the server stops within 30 s", 1)));
        Assert.That(() => lab.Server.Room.Notify(new string('x', 201)), Throws.ArgumentException.With.Message.Contains("201").And.Message.Contains("at most 200"));
        lab.Server.Room.Stop(LeaveReason.ServerStopped);
        lab.Run(0.5);
        Assert.That(lab.Clients.Take(2).Select(c => c.Client.EndReason), Is.All.EqualTo(LeaveReason.ServerStopped));
        lab.Invariants.CheckNothingRemains();
        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }

    [Test]
    public void Names_WhoComesAndGoes_EverybodyKnowsAlsoUnderLoss()
    {
        var lab = new Lab(new LabOptions { Clients = 40, Down = new LinkModel { DelayMicros = 30_000, LossPercent = 10 }, Up = new LinkModel { DelayMicros = 30_000, LossPercent = 10 } });
        lab.Run(6); // some joins are lost more than once
        LabClient<ArenaInput>[] playing = [.. lab.Playing];
        Assert.That(playing, Has.Length.GreaterThan(20));
        string[] names = [.. playing.Select(c => lab.Server.Room.World.Players.Name(c.Client.Player))];
        Assert.That(names, Is.Unique.And.None.Empty);
        foreach (LabClient<ArenaInput> client in playing)
        {
            Assert.That(playing.Select(c => client.Client.Names.Of(c.Client.Player)), Is.EqualTo(names));
        }

        PlayerId gone = playing[7].Client.Player;
        Assert.That(lab.Server.Room.Kick(gone.Index, LeaveReason.Kicked), Is.True);
        lab.Run(2);
        Assert.That(lab.Playing.Select(c => c.Client.Names.Of(gone)), Is.All.Empty);
    }

    [Test]
    public void Kick_OneSeat_EndsThatClientWithTheReason()
    {
        var lab = new Lab(new LabOptions { Clients = 3 });
        lab.Run(1);
        Assert.That(lab.Server.Room.Kick(lab.Clients[1].Client.Player.Index, LeaveReason.Kicked, "seen through walls"), Is.True);
        lab.Run(0.5);
        Assert.That((lab.Clients[1].Client.EndReason, lab.Clients[1].Client.EndText), Is.EqualTo((LeaveReason.Kicked, "seen through walls")));
        Assert.That(lab.Playing.Count(), Is.EqualTo(2));
        lab.Invariants.CheckNothingRemains();
        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }

    [Test]
    public void NoServer_Join_EndsWithNoAnswer()
    {
        var lab = new Lab(new LabOptions { Clients = 1, Up = new LinkModel { LossPercent = 100 } });
        lab.Run(12);
        Assert.That(lab.Clients[0].Client.State, Is.EqualTo(ClientState.Ended));
        Assert.That(lab.Clients[0].Client.EndReason, Is.EqualTo(LeaveReason.NoAnswer));
    }

    [Test]
    public void Spectator_Watches_SeesEverybodyAndHasNoEntity()
    {
        var lab = new Lab(new LabOptions { Clients = 6 });
        LabClient watcher = lab.AddClient(new ClientOptions { IsSpectator = true });
        lab.Run(4);
        Assert.That(watcher.Client.View.Of(ArenaGame.Soldiers).Count, Is.EqualTo(6));
        Assert.That(watcher.Client.TryGetOwned(ArenaGame.Soldiers, out _), Is.False);
        Assert.That(lab.Server.Room.World.Players.Count, Is.EqualTo(6));
        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }
}
