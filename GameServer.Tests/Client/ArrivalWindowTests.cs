using GameServer.Netcode.Client;

namespace GameServer.Tests.Client;

/// <summary>Every limit of the window in which arrivals are judged: at it, below and above.</summary>
public sealed class ArrivalWindowTests
{
    private const double Shift = 6;
    private const double LateMax = 9;
    private const long Slice = ArrivalWindow.SliceMicros;

    [TestCase(5.75, false)]
    [TestCase(6.0, false)]
    [TestCase(6.25, true)]
    public void Add_FasterThanAllBefore_ForgetsThemBeyondTheShift(double faster, bool forgets)
    {
        ArrivalWindow window = Filled(static _ => 0);
        Assert.That(window.Add(faster, 16 * Slice), Is.EqualTo(forgets));
        Assert.That(window.Fastest, Is.EqualTo(faster));
        Assert.That(window.Late, Is.EqualTo(forgets ? 0 : faster), "what came before is late by comparison, unless it says nothing any more");
    }

    [Test]
    public void Add_TheFirst_IsNotFasterThanAnything()
    {
        var window = new ArrivalWindow(Shift, LateMax);
        Assert.That(window.Add(100, 77 * Slice), Is.False);
        Assert.That((window.Fastest, window.Late), Is.EqualTo((100.0, 0.0)));
    }

    [TestCase(8.75, 8.75)]
    [TestCase(9.0, 9.0)]
    [TestCase(9.25, 0.0)]
    public void Add_LaterThanADelayMayBe_IsAStallAndNoJitter(double late, double counted)
    {
        // Three slices, of which none is left out; each has a packet in time as well.
        var window = new ArrivalWindow(Shift, LateMax);
        for (int i = 0; i < 3; i++)
        {
            window.Add(0, i * Slice);
            window.Add(-late, (i * Slice) + 1);
        }

        Assert.That(window.Late, Is.EqualTo(counted));
    }

    [TestCase(15, 3.0)]
    [TestCase(16, 0.0)]
    public void Fastest_OfFourSeconds_IsForgottenAfterThem(int slicesLater, double fastest)
    {
        var window = new ArrivalWindow(Shift, LateMax);
        window.Add(3, 0);
        for (int i = 1; i <= slicesLater; i++)
        {
            window.Add(0, i * Slice);
        }

        Assert.That(window.Fastest, Is.EqualTo(fastest));
    }

    [TestCase(3, 5.0)]
    [TestCase(4, 4.0)]
    [TestCase(7, 4.0)]
    [TestCase(8, 3.0)]
    [TestCase(16, 3.0)]
    public void Late_LeavesOutAQuarterOfTheSlicesAndTwoAtMost(int slices, double late)
    {
        // Late by 5, 4, 3, 2 and then 1: the worst ones may be accidents.
        var window = new ArrivalWindow(Shift, LateMax);
        for (int i = 0; i < slices; i++)
        {
            window.Add(0, i * Slice);
            window.Add(-Math.Max(1, 5 - i), (i * Slice) + 1);
        }

        Assert.That(window.Late, Is.EqualTo(late));
    }

    [TestCase(6.0, 2, 0.0)]
    [TestCase(6.25, 1, 0.0)]
    [TestCase(6.25, 2, -6.25)]
    public void Fastest_WhenTwoWholeSlicesAreSlowerByMoreThanTheShift_IsTheirs(double slower, int slices, double fastest)
    {
        ArrivalWindow window = Filled(static _ => 0);
        for (int i = 0; i < slices; i++)
        {
            window.Add(-slower, (16 + i) * Slice);
        }

        Assert.That(window.Fastest, Is.EqualTo(fastest));
    }

    [Test]
    public void Add_ClockOfTheArrivalRunsBackward_StaysInTheNewestSlice()
    {
        ArrivalWindow window = Filled(static i => i == 15 ? 2 : 0);
        window.Add(1, 3 * Slice);
        Assert.That(window.Fastest, Is.EqualTo(2));
        window.Add(0, 16 * Slice);
        Assert.That(window.Fastest, Is.EqualTo(2), "none of what was there is lost");
    }

    private static ArrivalWindow Filled(Func<int, double> offset)
    {
        var window = new ArrivalWindow(Shift, LateMax);
        for (int i = 0; i < 16; i++)
        {
            window.Add(offset(i), i * Slice);
        }

        return window;
    }
}
