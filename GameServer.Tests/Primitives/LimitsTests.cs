using System.Numerics;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Primitives;

/// <summary>The relations between the caps that the code relies on without checking them again.</summary>
public class LimitsTests
{
    [Test]
    public void Datagrams_StartWithinWhatIsReceived() =>
        Assert.That(Limits.DatagramBytesStart, Is.LessThanOrEqualTo(Limits.DatagramBytesMax));

    [Test]
    public void HistoryTicks_IsAPowerOfTwo_BecauseSlotsAreMasked() =>
        Assert.That(BitOperations.IsPow2(Limits.HistoryTicks), Is.True);

    [Test]
    public void Inputs_AllThatAPacketCarriesAndAllThatRunAhead_FitTheHistory()
    {
        Assert.That(Limits.InputLeadMax, Is.LessThan(Limits.HistoryTicks));
        Assert.That(Limits.InputsPerPacketMax, Is.LessThan(Limits.HistoryTicks));
        Assert.That(Limits.InputsPerPacketMax, Is.LessThanOrEqualTo(Limits.InputLeadMax), "a client cannot owe more inputs than it may run ahead");
        Assert.That(Limits.InputBytesMax * Limits.InputsPerPacketMax / 8, Is.LessThan(Limits.InputPacketBytesMax), "inputs are deltas of a byte or so");
    }

    [Test]
    public void PredictionTicks_AtAnyRate_HoldTwoSecondsAndAreAPowerOfTwo([Values(1, 20, 60, 64, 65, 128, 129, 240, 1000)] int rateHz)
    {
        int ticks = Limits.PredictionTicks(rateHz);
        Assert.That(BitOperations.IsPow2(ticks), Is.True);
        Assert.That(ticks, Is.GreaterThanOrEqualTo(Limits.HistoryTicks));
        Assert.That(ticks * 1000.0 / rateHz, Is.GreaterThanOrEqualTo(Limits.PredictionMillis));
        Assert.That(ticks == Limits.HistoryTicks || ticks * 500.0 / rateHz < Limits.PredictionMillis, "twice as much as is needed");
        Assert.That(Limits.LeadTicksMax(rateHz), Is.LessThan(ticks).And.GreaterThan(ticks / 2));
    }

    [Test]
    public void SlotReuseTicks_OutlastsTheRewind_AndFitsTheHistory()
    {
        const int RewindTicksAt128Hz = 250 * 128 / 1000;
        Assert.That(Limits.SlotReuseTicks, Is.GreaterThan(RewindTicksAt128Hz));
        Assert.That(Limits.SlotReuseTicks, Is.LessThan(Limits.HistoryTicks));
    }

    [Test]
    public void Fields_MaskOfOneTable_FitsOneWord() => Assert.That(Limits.FieldsMax, Is.LessThanOrEqualTo(64));

    [Test]
    public void Entities_EveryPlayerMayOwnSome() => Assert.That(Limits.EntitiesMax, Is.GreaterThanOrEqualTo(Limits.PlayersMax * 4));

    [Test]
    public void KeptMessage_TakesEveryInputPacket() =>
        Assert.That(Limits.KeptMessageBytesMax, Is.GreaterThanOrEqualTo(Limits.InputPacketBytesMax));

    [Test]
    public void RecordsPerPeer_TakesABurstAfterAStall() =>
        Assert.That(Limits.RecordsPerPeer, Is.GreaterThan(2 * Limits.CatchUpTicksMax));
}
