namespace GameServer.Netcode.Transport;

/// <summary>15-bit packet sequences (protocol notes §7).</summary>
internal static class Sequence
{
    /// <summary>Sequences run from 0 to this − 1; larger values on the wire are invalid.</summary>
    public const int Modulus = 32768;

    /// <summary>Signed distance: positive when <paramref name="a"/> is newer.</summary>
    public static int Distance(ushort a, ushort b) => ((a - b + (Modulus / 2)) & (Modulus - 1)) - (Modulus / 2);

    /// <summary>The sequence that many steps on.</summary>
    public static ushort Add(ushort sequence, int steps) => (ushort)((sequence + steps) & (Modulus - 1));
}
