using GameServer.Configuration;
using GameServer.Hosting;

namespace GameServer.Tests.Hosting;

public sealed class CorePlanTests
{
    private static readonly CpuAffinity Auto = new(true, []);
    private static readonly CpuAffinity None = new(false, []);

    [TestCase("0", 1, "none", "none", "0")]
    [TestCase("0-1", 1, "1", "none", "0")]
    [TestCase("0-2", 1, "2", "1", "0-1")]
    [TestCase("0-3", 1, "3", "2", "0-1")]
    [TestCase("0-3", 2, "3", "2 1", "0-2")]
    [TestCase("4-7,12", 1, "12", "7", "4-6")]
    public void Make_Auto_GivesTheLastToTheSimulation(string allowed, int networkThreads, string simulation, string network, string others)
    {
        CorePlan plan = CorePlan.Make(Auto, CpuMask.Parse(allowed)!, networkThreads);
        Assert.That(plan.SimulationCore?.ToString() ?? "none", Is.EqualTo(simulation));
        Assert.That(string.Join(' ', plan.NetworkCores.Select(core => core?.ToString() ?? "none")), Is.EqualTo(network));
        Assert.That(plan.Others.ToString(), Is.EqualTo(others));
        Assert.That(plan.Remarks, allowed == "0" ? Is.Not.Empty : Is.Empty);
    }

    [Test]
    public void Make_None_PinsNothing()
    {
        CorePlan plan = CorePlan.Make(None, new CpuMask(0, 1, 2), 2);
        Assert.That(plan.SimulationCore, Is.Null);
        Assert.That(plan.NetworkCores, Is.EqualTo(new int?[] { null, null }));
        Assert.That(plan.Others, Is.EqualTo(plan.Allowed));
        Assert.That(plan.Remarks, Is.Empty);
    }

    [Test]
    public void Make_OfAList_TakesItInOrder()
    {
        CorePlan plan = CorePlan.Make(new CpuAffinity(false, [2, 0]), new CpuMask(0, 1, 2, 3), 2);
        Assert.That(plan.SimulationCore, Is.EqualTo(2));
        Assert.That(plan.NetworkCores, Is.EqualTo(new int?[] { 0, null }));
        Assert.That(plan.Others, Is.EqualTo(new CpuMask(1, 3)));
    }

    [Test]
    public void Make_OfAForeignProcessor_SaysSoAndGoesOn()
    {
        CorePlan plan = CorePlan.Make(new CpuAffinity(false, [9, 1]), new CpuMask(0, 1), 1);
        Assert.That(plan.SimulationCore, Is.EqualTo(1));
        Assert.That(plan.Remarks.Single(), Does.Contain("processor 9").And.Contain("0-1"));
    }

    [Test]
    public void Make_OfTheOnlyProcessor_LeavesTheOthersSomewhere()
    {
        CorePlan plan = CorePlan.Make(new CpuAffinity(false, [0]), new CpuMask(0), 1);
        Assert.That(plan.SimulationCore, Is.Zero);
        Assert.That(plan.Others, Is.EqualTo(new CpuMask(0)));
        Assert.That(plan.Remarks, Has.Count.EqualTo(1));
    }

    [TestCase("0-3,8", "0-3,8")]
    [TestCase("5", "5")]
    [TestCase("", "")]
    [TestCase("1023\n", "1023")]
    public void CpuMask_Text_RoundTrips(string text, string expected) => Assert.That(CpuMask.Parse(text)?.ToString(), Is.EqualTo(expected));

    [TestCase("a")]
    [TestCase("3-1")]
    [TestCase("1024")]
    [TestCase("1-2-3")]
    public void CpuMask_OfNonsense_IsNull(string text) => Assert.That(CpuMask.Parse(text), Is.Null);
}
