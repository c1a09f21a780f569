namespace GameServer.Netcode.Primitives;

/// <summary>What <see cref="AckBits.Receive"/> made of a sequence.</summary>
public enum Arrival
{
    /// <summary>Newer than all before it.</summary>
    Newer,

    /// <summary>Older than the newest, and received for the first time.</summary>
    Late,

    /// <summary>Received before.</summary>
    Duplicate,

    /// <summary>Before the window, so that nobody can tell whether it was received.</summary>
    TooOld,
}

/// <summary>The newest sequence received and which of the 63 before it were received: bit n stands for <see cref="Newest"/> − n.</summary>
/// <remarks>
/// Bit 0 is the newest itself, so all bits are 0 only when nothing was received: the default. Both fields are what an acknowledgement
/// carries on the wire. Allocates: no.
/// </remarks>
public struct AckBits
{
    /// <summary>Sequences in the window, the newest included.</summary>
    public const int Window = 64;

    /// <summary>The newest sequence received; 0 and without meaning while <see cref="Any"/> is false.</summary>
    public ushort Newest;

    /// <summary>Bit n is set when <see cref="Newest"/> − n was received.</summary>
    public ulong Bits;

    /// <summary>The acknowledgement with these fields.</summary>
    public AckBits(ushort newest, ulong bits)
    {
        Newest = newest;
        Bits = bits;
    }

    /// <summary>True once anything was received.</summary>
    public readonly bool Any => Bits != 0;

    /// <summary>Notes that <paramref name="sequence"/> arrived, and says whether it did for the first time.</summary>
    public Arrival Receive(ushort sequence)
    {
        if (!Any)
        {
            Newest = sequence;
            Bits = 1;
            return Arrival.Newer;
        }

        int distance = SequenceMath.Distance(sequence, Newest);
        if (distance > 0)
        {
            Newest = sequence;
            Bits = distance < Window ? (Bits << distance) | 1 : 1;
            return Arrival.Newer;
        }

        if (distance <= -Window)
        {
            return Arrival.TooOld;
        }

        ulong bit = 1UL << -distance;
        if ((Bits & bit) != 0)
        {
            return Arrival.Duplicate;
        }

        Bits |= bit;
        return Arrival.Late;
    }

    /// <summary>True when <paramref name="sequence"/> is within the window and was received.</summary>
    public readonly bool Contains(ushort sequence)
    {
        int age = SequenceMath.Distance(Newest, sequence);
        return age is >= 0 and < Window && (Bits & (1UL << age)) != 0;
    }
}
