using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Client;

/// <summary>The round trip as the session sees it, for transports that do not say: from an input's departure to the snapshot that names it.</summary>
/// <remarks>
/// A snapshot says how long before its tick an input arrived; the rest of the time between sending that input and receiving the snapshot was
/// spent on the way. Until the first one the time of the join stands, which includes the wait for a tick. Owner: the client's thread. Allocates: at start.
/// </remarks>
internal sealed class SessionRoundTrip
{
    private const long MicrosMax = 60_000_000;

    private Tick[] _ticks = [];
    private long[] _sentMicros = [];
    private bool[] _filled = [];
    private Tick _measured;
    private bool _hasMeasured;

    /// <summary>The smoothed round trip.</summary>
    public double Micros { get; private set; }

    /// <summary>The join has been answered; inputs are remembered for so many ticks, a power of two.</summary>
    public void Start(long joinMicros, int historyTicks)
    {
        Micros = Math.Max(0, joinMicros);
        _ticks = new Tick[historyTicks];
        _sentMicros = new long[historyTicks];
        _filled = new bool[historyTicks];
    }

    /// <summary>An input leaves; only the first time counts.</summary>
    public void InputSent(Tick tick, long nowMicros)
    {
        int index = IndexOf(tick);
        if (_filled[index] && _ticks[index] == tick)
        {
            return;
        }

        _ticks[index] = tick;
        _sentMicros[index] = nowMicros;
        _filled[index] = true;
    }

    /// <summary>A snapshot has arrived that says when an input did.</summary>
    public void OnSnapshot(Tick tick, Tick input, int marginParts, double tickMicros, long nowMicros)
    {
        int index = IndexOf(input);
        if (!_filled[index] || _ticks[index] != input || (_hasMeasured && input == _measured))
        {
            return;
        }

        // The server had the input for its margin, and then for as long as its tick lies before the snapshot's.
        double atServer = ((tick - input) + (marginParts / 16.0)) * tickMicros;
        double sample = Math.Clamp(nowMicros - _sentMicros[index] - atServer, 0, MicrosMax);
        Micros = _hasMeasured ? Micros + ((sample - Micros) / 16) : sample;
        _measured = input;
        _hasMeasured = true;
    }

    private int IndexOf(Tick tick) => (int)(tick.Value & (uint)(_ticks.Length - 1));
}
