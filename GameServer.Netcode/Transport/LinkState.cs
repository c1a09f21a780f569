using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Transport;

/// <summary>One direction of a link in motion: decides what becomes of each datagram, by its seed alone.</summary>
/// <remarks>Owner: one thread. Allocates: no.</remarks>
internal sealed class LinkState(LinkModel model, ulong seed, ulong stream)
{
    private const int DefaultQueueBytes = 64 * 1024;

    private DeterministicRandom _random = DeterministicRandom.From(seed, stream);
    private bool _inBurst;
    private long _freeMicros; // when the rate limit lets the next datagram begin
    private long _pausedUntilMicros;

    /// <summary>What the link does; may change at any time.</summary>
    public LinkModel Model { get; set; } = model;

    /// <summary>Nothing arrives before that time; what is sent meanwhile arrives then.</summary>
    public void Pause(long untilMicros) => _pausedUntilMicros = Math.Max(_pausedUntilMicros, untilMicros);

    /// <summary>Puts what becomes of a datagram into the queue of its receiver; returns how many copies arrive.</summary>
    public int Send(ReadOnlySpan<byte> datagram, in PeerAddress address, long nowMicros, InFlightQueue queue)
    {
        if (IsLost() || IsTooLarge(datagram.Length) || !TryQueue(datagram.Length, nowMicros, out long departsMicros))
        {
            return 0;
        }

        int copies = Happens(Model.DuplicatePercent) ? 2 : 1;
        for (int i = 0; i < copies; i++)
        {
            long jitter = Model.JitterMicros == 0 ? 0
                : (_random.NextInt((int)(2 * Model.JitterMicros) + 1) - Model.JitterMicros);
            long arrives = Math.Max(departsMicros, departsMicros + Model.DelayMicros + jitter);
            Span<byte> copy = queue.Add(datagram, address, Math.Max(arrives, _pausedUntilMicros));
            if (Happens(Model.FlipPercent))
            {
                Flip(copy);
            }

            if (Happens(Model.TruncatePercent) && copy.Length > 0)
            {
                queue.CutLast(_random.NextInt(copy.Length));
            }
        }

        return copies;
    }

    private bool IsTooLarge(int bytes) => Model.MtuBytes > 0 && bytes > Model.MtuBytes;

    private bool Happens(float percent) => percent > 0 && _random.NextFloat() * 100 < percent;

    /// <summary>In a burst everything is lost; its ends are drawn so that mean loss and mean burst length come out.</summary>
    private bool IsLost()
    {
        if (Model.LossPercent <= 0 || Model.BurstPackets <= 1)
        {
            _inBurst = false;
            return Happens(Model.LossPercent);
        }

        float loss = Math.Min(Model.LossPercent / 100, 0.999f);
        float ends = 1 / Model.BurstPackets;
        float begins = Math.Min(1, ends * loss / (1 - loss));
        _inBurst = _inBurst ? _random.NextFloat() >= ends : _random.NextFloat() < begins;
        return _inBurst;
    }

    private bool TryQueue(int bytes, long nowMicros, out long departsMicros)
    {
        departsMicros = nowMicros;
        if (Model.RateBytesPerSecond == 0)
        {
            return true;
        }

        long waitsMicros = Math.Max(0, _freeMicros - nowMicros);
        int queueBytes = Model.QueueBytes == 0 ? DefaultQueueBytes : Model.QueueBytes;
        if (waitsMicros * Model.RateBytesPerSecond / 1_000_000 + bytes > queueBytes)
        {
            return false;
        }

        _freeMicros = nowMicros + waitsMicros + (bytes * 1_000_000L / Model.RateBytesPerSecond);
        departsMicros = _freeMicros;
        return true;
    }

    private void Flip(Span<byte> bytes)
    {
        for (int flips = 1 + _random.NextInt(3); flips > 0 && bytes.Length > 0; flips--)
        {
            bytes[_random.NextInt(bytes.Length)] ^= (byte)(1 << _random.NextInt(8));
        }
    }
}
