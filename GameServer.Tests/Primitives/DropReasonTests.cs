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
        [1] = "DatagramEmpty",
        [2] = "DatagramTooLong",
        [3] = "SealRejected",
        [4] = "SealMismatch",
        [5] = "PropertyUnknown",
        [6] = "PacketTooShort",
        [7] = "ConnectionNumberWrong",
        [8] = "StrangerPacket",
        [9] = "RequestMalformed",
        [10] = "RequestRateLimited",
        [11] = "RequestRefused",
        [15] = "ProofWrong",
        [16] = "AcceptUnexpected",
        [17] = "DisconnectMismatch",
        [18] = "PeerNotFoundIgnored",
        [19] = "ShutdownUnexpected",
        [20] = "InvalidProtocolIgnored",
        [21] = "KindNotForPeer",
        [22] = "MergedMalformed",
        [23] = "MergedNested",
        [24] = "ChannelOutOfRange",
        [25] = "AckMalformed",
        [26] = "AckOutOfWindow",
        [27] = "SequenceInvalid",
        [28] = "SequenceAhead",
        [29] = "SequenceOld",
        [30] = "ReliableDuplicate",
        [31] = "ReliableMergedMalformed",
        [32] = "FragmentMalformed",
        [33] = "FragmentMismatch",
        [34] = "FragmentLimit",
        [35] = "FragmentNotTaken",
        [36] = "EventQueueFull",
        [37] = "ReliableNotTaken",
        [38] = "HeldFull",
        [39] = "SequencedOld",
        [40] = "SequencedFragmented",
        [41] = "PingOld",
        [42] = "PongUnexpected",
        [43] = "MtuMalformed",
        [44] = "MtuUnexpected",
        [45] = "StateIgnored",
        [46] = "UnconnectedDisabled",
        [47] = "ClaimUnknown",
        [48] = "ClaimRateLimited",
        [49] = "ControlQueueFull",
        [50] = "RequestLost",
        [51] = "PeersFull",
        [52] = "SendQueueFull",
        [53] = "ReliableTooFast",
        [58] = "NumbersResting",
        [59] = "ConnectDataDisplaced",
        [60] = "ChannelClosed",
        [64] = "InboundRingFull",
        [65] = "OutboundRingFull",
        [66] = "RecordsPerPeer",
        [67] = "SessionUnknown",
        [68] = "MessageMalformed",
        [69] = "MessageUnexpected",
        [70] = "PacketKindUnknown",
        [71] = "JoinMalformed",
        [72] = "UnreliableReplaced",
        [73] = "UnreliableOverBudget",
        [74] = "LeaveMismatch",
        [75] = "UnjoinedGaveWay",
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
