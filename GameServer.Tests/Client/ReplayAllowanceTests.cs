using GameServer.Netcode.Client;

namespace GameServer.Tests.Client;

/// <summary>What may be replayed goes by time: more frames do not replay more.</summary>
public sealed class ReplayAllowanceTests
{
    [TestCase(10, 10 * 96)]
    [TestCase(60, 60 * 96)]
    [TestCase(61, 60 * 96)]
    [TestCase(240, 60 * 96)]
    public void Use_AllThatIsAllowedForTenSeconds_IsSoManyInASecond(int framesPerSecond, int expected)
    {
        var allowance = new ReplayAllowance(96);
        int used = 0;
        for (int i = 0; i < framesPerSecond * 10; i++)
        {
            for (bool may = allowance.Refill(1_000_000 / framesPerSecond); may; may = allowance.Refill(0))
            {
                allowance.Use();
                used++;
            }
        }

        Assert.That(used / 10.0, Is.EqualTo(expected).Within(1).Percent);
    }

    [TestCase(96, true)]
    [TestCase(97, true)]
    [TestCase(191, true)]
    [TestCase(192, false)]
    [TestCase(400, false)]
    public void Refill_AfterOneLongReplay_WaitsUntilItIsPaidBack(int replayed, bool may)
    {
        var allowance = new ReplayAllowance(96);
        Assert.That(allowance.Refill(16_667), "the first update may replay");
        for (int i = 0; i < replayed; i++)
        {
            allowance.Use();
        }

        Assert.That(allowance.Refill(16_667), Is.EqualTo(may));
    }

    [Test]
    public void Refill_AfterAPause_SavesNothingUp()
    {
        var allowance = new ReplayAllowance(2);
        Assert.That(allowance.Refill(60_000_000));
        allowance.Use();
        allowance.Use();
        Assert.That(allowance.Refill(0), Is.False);
    }
}
