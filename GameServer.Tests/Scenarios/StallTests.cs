using GameServer.Arena;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>P7: half a second after any stall or burst, what a player sees is no older than before it.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class StallTests
{
    private static readonly LinkModel Link = new() { DelayMicros = 30_000, JitterMicros = 3_000 };

    public enum Stall
    {
        Client,
        PathDown,
        PathUp,
        Server,
        ServerAndClient,
        SlowPath,
    }

    [Test]
    public void P7_AfterOneStall_TheViewIsBackWithinHalfASecond(
        [Values(Stall.Client, Stall.PathDown, Stall.PathUp, Stall.Server, Stall.ServerAndClient)] Stall kind, [Values(30, 60, 144, 240)] int screenHz, [Values] bool stamps, [Values(0.15, 1.0, 4.0)] double seconds) =>
        CheckOneStall(kind, screenHz, stamps, seconds);

    [Test]
    public void P7_AfterAQueueThatBuiltUp_TheViewIsBackWithinHalfASecond([Values(30, 60, 144, 240)] int screenHz, [Values] bool stamps, [Values(0.15, 1.0)] double seconds) =>
        CheckOneStall(Stall.SlowPath, screenHz, stamps, seconds);

    private static void CheckOneStall(Stall kind, int screenHz, bool stamps, double seconds)
    {
        Lab<ArenaInput> lab = Start(60, screenHz, stamps);
        lab.Run(4);
        int usual = OldestOver(lab, 1);
        Break(lab, kind, seconds);
        CheckIsBack(lab, usual);
    }

    [Test]
    public void P7_StallsEverySecond_TheViewIsBackAfterEach([Values(Stall.Client, Stall.PathDown, Stall.Server)] Stall kind, [Values(30, 144)] int screenHz, [Values] bool stamps)
    {
        Lab<ArenaInput> lab = Start(60, screenHz, stamps);
        lab.Run(4);
        int usual = OldestOver(lab, 1);
        for (int i = 0; i < 6; i++)
        {
            Break(lab, kind, 0.4);
            lab.Run(0.5);
            Assert.That(OldestOver(lab, 0.5), Is.LessThanOrEqualTo(usual + 2), $"after stall {i + 1}");
        }
    }

    [TestCase(20)]
    [TestCase(30)]
    [TestCase(128)]
    public void P7_OtherTickRates_TheViewIsBackWithinHalfASecond(int rateHz)
    {
        foreach (bool stamps in new[] { false, true })
        {
            Lab<ArenaInput> lab = Start(rateHz, 60, stamps);
            lab.Run(4);
            int usual = OldestOver(lab, 1);
            Break(lab, Stall.Client, 1);
            CheckIsBack(lab, usual);
        }
    }

    private static Lab<ArenaInput> Start(int rateHz, int screenHz, bool stamps) => new(new ArenaLab(), new LabOptions
    {
        Clients = 2,
        TickRateHz = rateHz,
        Up = Link,
        Down = Link,
        Seed = 41,
        Checks = false,
        SyncTest = false,
        FramePeriodsMicros = [1_000_000 / screenHz],
        ArrivalStamps = [stamps],
    });

    private static void Break(Lab<ArenaInput> lab, Stall kind, double seconds)
    {
        long micros = (long)(seconds * 1e6);
        LabClient<ArenaInput> client = lab.Clients[0];
        switch (kind)
        {
            case Stall.Client:
                client.Hang(micros);
                break;
            case Stall.PathDown:
                lab.Network.Pause(lab.Server.Address, client.Address, lab.NowMicros + micros);
                break;
            case Stall.PathUp:
                lab.Network.Pause(client.Address, lab.Server.Address, lab.NowMicros + micros);
                break;
            case Stall.Server:
                lab.Server.Hang(lab.NowMicros + micros);
                break;
            case Stall.ServerAndClient:
                lab.Server.Hang(lab.NowMicros + micros);
                client.Hang(micros / 2);
                break;
            default:
                lab.Network.SetLink(lab.Server.Address, client.Address, Link with { RateBytesPerSecond = 3_000, QueueBytes = 100_000 });
                break;
        }

        lab.Run(seconds);
        if (kind == Stall.SlowPath)
        {
            lab.Network.SetLink(lab.Server.Address, client.Address, Link); // and what waited has its own time to come
            while (lab.Clients[0].Client.Reader.Newest.Tick < lab.Server.Room.NextTick - 12)
            {
                lab.Run(0.005);
            }
        }
    }

    private static void CheckIsBack(Lab<ArenaInput> lab, int usual)
    {
        lab.Run(0.5);
        Assert.That(OldestOver(lab, 2), Is.LessThanOrEqualTo(usual + 2), "ticks between what the server has and what is seen");
        Assert.That(lab.Playing.Count(), Is.EqualTo(2));
    }

    // Age of the oldest state that is on screen at any moment of that time.
    private static int OldestOver(Lab<ArenaInput> lab, double seconds)
    {
        int oldest = 0;
        for (double at = 0; at < seconds; at += 0.002)
        {
            lab.Run(0.002);
            Tick now = lab.Server.Room.NextTick - 1;
            oldest = Math.Max(oldest, now - lab.Clients[0].Client.Shown);
        }

        return oldest;
    }
}
