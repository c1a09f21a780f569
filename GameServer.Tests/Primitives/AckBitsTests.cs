using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Primitives;

public class AckBitsTests
{
    [TestCase((ushort)5, (ushort)4, 1)]
    [TestCase((ushort)4, (ushort)5, -1)]
    [TestCase((ushort)0, (ushort)65535, 1)]
    [TestCase((ushort)65535, (ushort)0, -1)]
    [TestCase((ushort)32767, (ushort)0, 32767)]
    [TestCase((ushort)7, (ushort)7, 0)]
    public void Distance_ThroughTheWrap_IsSigned(ushort a, ushort b, int expected)
    {
        Assert.That(SequenceMath.Distance(a, b), Is.EqualTo(expected));
        Assert.That(SequenceMath.IsNewer(a, b), Is.EqualTo(expected > 0));
    }

    [Test]
    public void IsNewer_HalfTheCircleApart_NeitherIs()
    {
        Assert.That(SequenceMath.IsNewer(32768, 0), Is.False);
        Assert.That(SequenceMath.IsNewer(0, 32768), Is.False);
    }

    [Test]
    public void Receive_First_IsNewerWhateverItsNumber()
    {
        var acks = new AckBits();
        Assert.That(acks.Any, Is.False);
        Assert.That(acks.Contains(0), Is.False);
        Assert.That(acks.Receive(40000), Is.EqualTo(Arrival.Newer));
        Assert.That((acks.Newest, acks.Bits), Is.EqualTo(((ushort)40000, 1UL)));
    }

    [Test]
    public void Receive_Sequences_TellsTheFourArrivalsApart()
    {
        var acks = new AckBits();
        acks.Receive(100);
        Assert.That(acks.Receive(100), Is.EqualTo(Arrival.Duplicate));
        Assert.That(acks.Receive(103), Is.EqualTo(Arrival.Newer));
        Assert.That(acks.Bits, Is.EqualTo(0b1001UL), "bit n is newest - n");
        Assert.That(acks.Receive(102), Is.EqualTo(Arrival.Late));
        Assert.That(acks.Receive(102), Is.EqualTo(Arrival.Duplicate));
        Assert.That(acks.Receive(103 - 63), Is.EqualTo(Arrival.Late));
        Assert.That(acks.Receive(103 - 64), Is.EqualTo(Arrival.TooOld));
        Assert.That(acks.Bits, Is.EqualTo(0b1011UL | (1UL << 63)));
    }

    [TestCase(63, true)]
    [TestCase(64, false)]
    [TestCase(65, false)]
    [TestCase(32767, false)]
    public void Receive_AfterAJump_KeepsWhatIsStillInTheWindow(int jump, bool kept)
    {
        var acks = new AckBits();
        acks.Receive(65500);
        Assert.That(acks.Receive((ushort)(65500 + jump)), Is.EqualTo(Arrival.Newer));
        Assert.That(acks.Contains(65500), Is.EqualTo(kept));
        Assert.That(acks.Bits, Is.EqualTo(kept ? 1 | (1UL << jump) : 1UL));
    }

    /// <summary>The tracker against a set of everything received, through several wraps, with loss, reorder and duplicates.</summary>
    [Test]
    public void Receive_HostileOrder_AgreesWithAPlainSet()
    {
        var random = new Random(21);
        var acks = new AckBits();
        var received = new HashSet<long>();
        long newest = -1;
        long next = 65_000;
        for (int i = 0; i < 300_000; i++)
        {
            next += random.Next(3);
            long number = Math.Max(0, next - (random.Next(4) == 0 ? random.Next(90) : 0));
            Arrival expected = newest < 0 || number > newest ? Arrival.Newer
                : newest - number >= AckBits.Window ? Arrival.TooOld
                : received.Contains(number) ? Arrival.Duplicate : Arrival.Late;
            Assert.That(acks.Receive((ushort)number), Is.EqualTo(expected));
            if (expected != Arrival.TooOld)
            {
                received.Add(number);
            }

            newest = Math.Max(newest, number);
            long asked = newest - random.Next(AckBits.Window);
            Assert.That(acks.Contains((ushort)asked), Is.EqualTo(received.Contains(asked)));
        }

        Assert.That(newest, Is.GreaterThan(65536 * 3));
    }
}
