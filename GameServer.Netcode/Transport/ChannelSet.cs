namespace GameServer.Netcode.Transport;

/// <summary>The channels that an endpoint takes messages and acknowledgements on, beside Unreliable, which is always open.</summary>
/// <remarks>
/// A channel that nobody uses still expects its first sequence, which anyone can guess: leave it closed. Immutable once an endpoint has it.
/// Allocates: no, after construction.
/// </remarks>
public sealed class ChannelSet
{
    private readonly ulong[] _open = new ulong[4];

    /// <summary>Every channel that the endpoint's number of channels allows.</summary>
    public static ChannelSet All { get; } = NewAll();

    /// <summary>What a match needs: reliable ordered messages on channel 0.</summary>
    public static ChannelSet Match { get; } = NewMatch();

    /// <summary>Opens a channel; returns the set itself.</summary>
    public ChannelSet Add(DeliveryMethod method, byte channel)
    {
        if (method >= DeliveryMethod.Unreliable || channel > 63)
        {
            throw new ArgumentOutOfRangeException(nameof(channel), channel, $"0 to 63, and one of the four methods that have channels, not {method}");
        }

        if (ReferenceEquals(this, All) || ReferenceEquals(this, Match))
        {
            throw new InvalidOperationException("a predefined set does not change: begin with a new one");
        }

        Open((channel * 4) + (int)method);
        return this;
    }

    internal bool Contains(int channelId) => (_open[channelId >> 6] & (1UL << (channelId & 63))) != 0;

    private static ChannelSet NewMatch()
    {
        var set = new ChannelSet();
        set.Open((int)DeliveryMethod.ReliableOrdered);
        return set;
    }

    private static ChannelSet NewAll()
    {
        var set = new ChannelSet();
        for (int id = 0; id < 256; id++)
        {
            set.Open(id);
        }

        return set;
    }

    private void Open(int channelId) => _open[channelId >> 6] |= 1UL << (channelId & 63);
}
