namespace GameServer.Netcode.Transport;

/// <summary>Proof that an address receives what is sent to it, without a memory of the addresses that were asked.</summary>
/// <remarks>
/// The peer id of an accept is a keyed hash of the address, the connection time, the line and the number. The other side repeats all of
/// them in its claim, which therefore only the receiver of the accept can write: 31 bits, of this period or the one before.
/// Owner: one thread. Allocates: no.
/// </remarks>
internal sealed class ConnectProof(KeyedHash secret)
{
    /// <summary>An id is good for one to two of these.</summary>
    public const long PeriodMicros = 16_000_000;

    private const ulong RequestDomain = 0x5245_5155_4553_5400;
    private const ulong PeriodDomain = 0x5045_5249_4F44_0000;

    /// <summary>The id that an accept to this address carries.</summary>
    public int IdOf(ulong addressHash, in Handshake handshake, long nowMicros) => Id(addressHash, handshake, nowMicros / PeriodMicros);

    /// <summary>Whether this side has lately sent that id to this address.</summary>
    public bool IsProved(ulong addressHash, in Handshake handshake, int id, long nowMicros)
    {
        long period = nowMicros / PeriodMicros;
        return id == Id(addressHash, handshake, period) || id == Id(addressHash, handshake, period - 1);
    }

    private int Id(ulong addressHash, in Handshake handshake, long period)
    {
        ulong kind = RequestDomain | ((ulong)handshake.Line.Line << 4) | (uint)handshake.Number;
        ulong request = secret.Of(addressHash, (ulong)handshake.Time, kind);
        return (int)(secret.Of(request, handshake.SealConnection, PeriodDomain + (ulong)period) & int.MaxValue);
    }
}

/// <summary>What names a connection that is being made.</summary>
internal readonly struct Handshake(WireLine line, long time, int number, ulong sealConnection)
{
    public readonly WireLine Line = line;
    public readonly long Time = time;
    public readonly int Number = number;
    public readonly ulong SealConnection = sealConnection;
}
