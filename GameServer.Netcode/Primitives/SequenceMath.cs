namespace GameServer.Netcode.Primitives;

/// <summary>Order of 16-bit packet sequences that wrap.</summary>
public static class SequenceMath
{
    /// <summary>Signed distance: positive when <paramref name="a"/> is newer; sequences that are 32768 apart have no order (−32768 both ways).</summary>
    public static int Distance(ushort a, ushort b) => (short)(a - b);

    /// <summary>True when <paramref name="a"/> is newer than <paramref name="b"/> by 1 to 32767.</summary>
    public static bool IsNewer(ushort a, ushort b) => (short)(a - b) > 0;
}
