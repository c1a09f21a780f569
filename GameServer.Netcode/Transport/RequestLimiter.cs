namespace GameServer.Netcode.Transport;

/// <summary>Token buckets per IP address and per prefix, in tables of fixed size: answers to strangers are bounded whatever they send.</summary>
/// <remarks>Owner: one thread. Two sources may share a bucket; the keyed hash keeps anyone from choosing with whom. Allocates: no, after construction.</remarks>
internal sealed class RequestLimiter(KeyedHash hash, int perAddress, int perPrefix)
{
    private const int BurstSeconds = 4;
    private const int BucketCount = 4096;

    private struct Bucket
    {
        public long EmptyMicros; // when the bucket would be full again: tokens are stored as time (GCRA)
    }

    private readonly Bucket[] _addresses = new Bucket[BucketCount];
    private readonly Bucket[] _prefixes = new Bucket[BucketCount];

    /// <summary>Takes one token of the address and of its prefix; false when either has none.</summary>
    public bool TryTake(in PeerAddress address, long nowMicros)
    {
        ref Bucket host = ref _addresses[hash.Of(address.High, address.Low, 1) % BucketCount];
        ulong high = address.IsIPv4 ? 0 : address.High & 0x0000_FFFF_FFFF_FFFF;
        ulong low = address.IsIPv4 ? address.Low & 0x00FF_FFFF_FFFF_FFFF : 0;
        ref Bucket prefix = ref _prefixes[hash.Of(high, low, 2) % BucketCount];
        if (!HasToken(host, perAddress, nowMicros) || !HasToken(prefix, perPrefix, nowMicros))
        {
            return false;
        }

        Take(ref host, perAddress, nowMicros);
        Take(ref prefix, perPrefix, nowMicros);
        return true;
    }

    private static bool HasToken(in Bucket bucket, int perSecond, long nowMicros) =>
        bucket.EmptyMicros - nowMicros <= (BurstSeconds * 1_000_000L) - (1_000_000L / perSecond);

    private static void Take(ref Bucket bucket, int perSecond, long nowMicros) =>
        bucket.EmptyMicros = Math.Max(bucket.EmptyMicros, nowMicros) + (1_000_000L / perSecond);
}
