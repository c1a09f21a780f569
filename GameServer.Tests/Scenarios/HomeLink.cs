using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Scenarios;

/// <summary>The link of a player at home, as time goes by: a radio that stalls, a queue in the router that fills, and losses that come together.</summary>
internal sealed class HomeLink
{
    private readonly long _delayMicros;
    private readonly long _jitterMicros;
    private readonly float _lossPercent;
    private readonly float _burstPackets;
    private DeterministicRandom _random;
    private long _stallFrom;
    private long _stallUntil;
    private long _stallJitterMicros;
    private long _rampFrom;
    private long _rampUntil;
    private long _rampMicros;
    private bool _rampIsDown;

    public HomeLink(ulong seed, int client, long nowMicros)
    {
        _random = DeterministicRandom.From(seed, (ulong)client + 9000);
        _delayMicros = 4_000 + _random.NextInt(36_000);
        _jitterMicros = 500 + _random.NextInt(3_000);
        _lossPercent = _random.NextFloat(1, 2);
        _burstPackets = _random.NextFloat(2, 8);
        _stallUntil = _rampUntil = nowMicros;
        DrawStall();
        DrawRamp();
    }

    /// <summary>How the link is now; to be asked every few tens of milliseconds.</summary>
    public (LinkModel Up, LinkModel Down) At(long nowMicros)
    {
        if (nowMicros >= _stallUntil)
        {
            DrawStall();
        }

        if (nowMicros >= _rampUntil)
        {
            DrawRamp();
        }

        long jitter = nowMicros >= _stallFrom ? _stallJitterMicros : _jitterMicros;
        long queued = nowMicros < _rampFrom ? 0 : Queued((double)(nowMicros - _rampFrom) / (_rampUntil - _rampFrom));
        return (Model(jitter, _rampIsDown ? queued / 4 : queued), Model(jitter, _rampIsDown ? queued : queued / 4));
    }

    // Fills, stays full, and empties faster than it filled.
    private long Queued(double part) => (long)(_rampMicros * (part < 0.6 ? part / 0.6 : part < 0.85 ? 1 : (1 - part) / 0.15));

    private LinkModel Model(long jitterMicros, long queuedMicros) => new()
    {
        DelayMicros = _delayMicros + jitterMicros + queuedMicros,
        JitterMicros = jitterMicros,
        LossPercent = _lossPercent,
        BurstPackets = _burstPackets,
    };

    // 30 to 80 ms of deviation for 0.1 to 0.8 s, every few seconds.
    private void DrawStall()
    {
        _stallFrom = _stallUntil + 500_000 + _random.NextInt(4_000_000);
        _stallUntil = _stallFrom + 100_000 + _random.NextInt(700_000);
        _stallJitterMicros = (30_000 + _random.NextInt(50_000)) / 2;
    }

    // Up to 300 ms that come within a second or two, and go.
    private void DrawRamp()
    {
        _rampFrom = _rampUntil + 2_000_000 + _random.NextInt(6_000_000);
        _rampUntil = _rampFrom + 1_500_000 + _random.NextInt(2_500_000);
        _rampMicros = 100_000 + _random.NextInt(200_000);
        _rampIsDown = _random.NextBool(0.7f);
    }
}
