using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Primitives;

public class DropReasonTests
{
    /// <summary>
    /// Numbers that have left the process in metrics and reports. Append here when a reason is added; a line that changes or goes breaks
    /// whoever stored the old number.
    /// </summary>
    private static readonly Dictionary<int, string> Frozen = new()
    {
        [0] = "None",
        [64] = "InboundRingFull",
        [65] = "OutboundRingFull",
        [66] = "RecordsPerPeer",
        [67] = "SessionUnknown",
        [68] = "MessageMalformed",
        [69] = "MessageUnexpected",
        [70] = "PacketKindUnknown",
        [71] = "JoinMalformed",
        [80] = "InputMalformed",
        [81] = "InputAckUnsent",
        [82] = "InputLate",
        [83] = "InputTooFarAhead",
        [84] = "InputDuplicate",
        [85] = "InputBeforeJoin",
        [96] = "SnapshotMalformed",
        [97] = "SnapshotOld",
        [98] = "SnapshotDuplicate",
        [99] = "SnapshotBaselineMissing",
        [100] = "SnapshotEntityUnknown",
        [101] = "SnapshotBeforeWelcome",
    };

    [Test]
    public void DropReason_FrozenNumbers_KeepTheirNames()
    {
        foreach ((int number, string name) in Frozen)
        {
            Assert.That(((DropReason)number).ToString(), Is.EqualTo(name));
        }
    }

    [Test]
    public void DropReason_AllNumbers_AreUniqueAndHaveACounter()
    {
        DropReason[] reasons = Enum.GetValues<DropReason>();
        Assert.That(reasons.Distinct().Count(), Is.EqualTo(Enum.GetNames<DropReason>().Length));
        Assert.That(reasons, Is.All.Matches<DropReason>(reason => (int)reason is >= 0 and < DropCounters.Count));
    }

    [Test]
    public void DropCounters_Add_CountsItsOwnReasonAndTheTotal()
    {
        var counters = new DropCounters();
        counters.Add(DropReason.InputLate);
        counters.Add(DropReason.InputLate);
        counters.Add(DropReason.SnapshotOld, 5);
        Assert.That(counters[DropReason.InputLate], Is.EqualTo(2));
        Assert.That(counters[DropReason.SnapshotOld], Is.EqualTo(5));
        Assert.That(counters[DropReason.InputDuplicate], Is.Zero);
        Assert.That(counters.Total, Is.EqualTo(7));
    }
}
