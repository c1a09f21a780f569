using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;

namespace GameServer.Tests.Inputs;

/// <summary>Each press is delivered in exactly one tick, however many updates or presses there are between two.</summary>
public sealed class PressLatchTests
{
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(PressLatch.WaitingMax - 1)]
    [TestCase(PressLatch.WaitingMax)]
    [TestCase(PressLatch.WaitingMax + 1)]
    public void Take_SeveralPressesWithinATick_OneATickAndMoreThanMayWaitAreCounted(int presses)
    {
        var latch = new PressLatch();
        for (int i = 0; i < presses; i++)
        {
            Sample(latch, held: 0b1000_0000_0000_0001);
            Sample(latch, held: 0);
        }

        int kept = Math.Min(presses, PressLatch.WaitingMax);
        for (int i = 0; i < kept; i++)
        {
            Assert.That(latch.Take(), Is.EqualTo(0b1000_0000_0000_0001));
        }

        Assert.That(latch.Take(), Is.Zero);
        Assert.That(latch.Merged, Is.EqualTo(2 * (presses - kept)), "of each button");
    }

    [Test]
    public void Take_HeldOverManyTicks_PressesOnce()
    {
        var latch = new PressLatch();
        int pressed = 0;
        for (int i = 0; i < 10; i++)
        {
            Sample(latch, held: 2);
            pressed += latch.Take() == 2 ? 1 : 0;
        }

        Assert.That(pressed, Is.EqualTo(1));
    }

    [Test]
    public void Sample_PressedByTheGameItself_CountsAndIsNotSaidAgain()
    {
        var latch = new PressLatch();
        var buttons = new Buttons { Pressed = 4 };
        latch.Sample(ref buttons);
        latch.Sample(ref buttons);
        Assert.That((buttons.Pressed, latch.Take(), latch.Take()), Is.EqualTo(((ushort)0, (ushort)4, (ushort)0)));
    }

    private static void Sample(PressLatch latch, ushort held)
    {
        var buttons = new Buttons { Held = held };
        latch.Sample(ref buttons);
    }
}
