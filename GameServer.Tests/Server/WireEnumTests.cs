using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Snapshots;

namespace GameServer.Tests.Server;

/// <summary>Numbers that leave the process never change; new ones are added at the end.</summary>
public sealed class WireEnumTests
{
    [Test]
    public void PayloadKind_IsFrozen() => Assert.That(Text<PayloadKind>(), Is.EqualTo("Input=1 Snapshot=2"));

    [Test]
    public void ControlKind_IsFrozen() =>
        Assert.That(Text<ControlKind>(), Is.EqualTo("Join=1 Welcome=2 Refuse=3 Leave=4 Chat=5 Report=6 Schema=7 Draining=8 Players=9 Notice=10 Declarations=11 Difference=12"));

    [Test]
    public void LeaveReason_IsFrozen() => Assert.That(
        Text<LeaveReason>(),
        Does.StartWith("Left=0 Timeout=1 Full=2 WrongGame=3 WrongVersion=4 WrongSchema=5 Draining=6 ServerStopped=7 Kicked=8 Overflow=9 Protocol=10 NoAnswer=11 WrongProtocol=12 "
            + "WrongKey=13 WrongName=14 JoinTimeout=15 AddressFull=16 NoSpectators=17 Idle=18 Replaced=19 Stalled=20 ServerFailed=21 Unexplained=22 Unacknowledged=23 PathTooSmall=24 SessionLost=25"));

    [Test]
    public void VerdictReason_IsFrozen() => Assert.That(Text<VerdictReason>(), Is.EqualTo("Exact=0 Extrapolated=1 Clamped=2 Starved=3 Hidden=4"));

    [Test]
    public void RecordOperation_IsFrozen() => Assert.That(Text<RecordOperation>(), Is.EqualTo("Update=0 Full=1 Hide=2 Despawn=3"));

    [Test]
    public void FieldType_IsFrozen() => Assert.That(Text<FieldType>(), Does.EndWith("Axis=8 Held=9 Pressed=10 Teleport=11"));

    private static string Text<T>()
        where T : struct, Enum => string.Join(' ', Enum.GetValues<T>().Select(v => $"{v}={Convert.ToInt32(v, System.Globalization.CultureInfo.InvariantCulture)}"));
}
