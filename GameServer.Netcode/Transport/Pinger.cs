namespace GameServer.Netcode.Transport;

/// <summary>Pings of one connection, both directions.</summary>
/// <remarks>
/// Sequences sent stay below 2^15 and rise by 1 to 256: unpredictable, and answered by library peers also across their wrap. Received
/// ones are compared modulo 2^16 with a short memory, so that a counter that wraps either way keeps being answered (protocol notes §13.2).
/// Owner: one thread. Allocates: no.
/// </remarks>
internal struct Pinger
{
    private const int FirstMax = 8_192;
    private const int StepMax = 256;
    private const int RepeatMax = 64;
    private const int AheadMax = (Sequence.Modulus / 2) - 1; // of the last answered one: a library peer takes what is further for an old one
    private const int OldRange = 1024;
    private const long FirstRetryMicros = 100_000;

    private ushort _sequence;
    private ushort _ponged; // the last one that the other side answered
    private ushort _answered;
    private bool _hasAnswered;
    private ushort _before; // the ping before the last one: its answer counts, too, or a long round trip would never be measured
    private bool _open; // the last ping has no answer yet
    private bool _openBefore;
    private bool _everAnswered;
    private long _sentMicros;
    private long _sentBeforeMicros;
    private long _retryMicros;

    /// <summary>When the next ping is due.</summary>
    public long NextDueMicros { get; private set; }

    /// <summary>True while a pong waits to be sent.</summary>
    public bool PongDue { get; private set; }

    /// <summary>True once the other side has answered a ping.</summary>
    public readonly bool WasAnswered => _everAnswered;

    private readonly int Room => AheadMax - Sequence.Distance(_sequence, _ponged);

    /// <summary>Begins; <paramref name="lastSequence"/> was the last one that this side sent, 0 for none.</summary>
    public void Start(ushort lastSequence, bool wasAnswered, long nextMicros)
    {
        this = default;
        _sequence = lastSequence;
        _ponged = wasAnswered ? lastSequence : (ushort)0;
        _everAnswered = wasAnswered;
        _retryMicros = FirstRetryMicros;
        NextDueMicros = nextMicros;
    }

    /// <summary>The sequence of a ping that leaves now.</summary>
    public ushort Next(KeyedHash chance, long intervalMicros, long nowMicros)
    {
        (_before, _sentBeforeMicros, _openBefore) = (_sequence, _sentMicros, _open);
        _sequence = Sequence.Add(_sequence, 1 + chance.NextBelow(_sequence == 0 ? FirstMax : Math.Clamp(Room / 4, 1, StepMax)));
        _sentMicros = nowMicros;
        _open = true;
        NextDueMicros = nowMicros + (_everAnswered ? intervalMicros : Math.Min(_retryMicros, intervalMicros));
        _retryMicros = Math.Min(2 * _retryMicros, intervalMicros);
        return _sequence;
    }

    /// <summary>A sequence that nobody guesses and that the peer still answers; later pings go on from it.</summary>
    /// <param name="chance">Where it comes from.</param>
    /// <param name="isFirst">Whether it is far ahead of the pings before; those that repeat the question stay close, so that many fit.</param>
    public ushort NextChallenge(KeyedHash chance, bool isFirst)
    {
        int room = Math.Max(1, Room / 2);
        _sequence = Sequence.Add(_sequence, 1 + chance.NextBelow(isFirst ? room : Math.Min(room, RepeatMax)));
        _open = _openBefore = false;
        return _sequence;
    }

    /// <summary>The challenge with that sequence was answered.</summary>
    public void ChallengeAnswered(ushort sequence) => _ponged = sequence;

    /// <summary>Takes a received ping; false when it is a duplicate or overtaken.</summary>
    public bool TryTakePing(ushort sequence)
    {
        if (_hasAnswered && (ushort)(_answered - sequence) < OldRange)
        {
            return false;
        }

        _answered = sequence;
        _hasAnswered = PongDue = true;
        return true;
    }

    /// <summary>The sequence that the pong that leaves now answers.</summary>
    public ushort TakePong()
    {
        PongDue = false;
        return _answered;
    }

    /// <summary>Takes a received pong; the round trip in microseconds, or −1 when it answers no open ping.</summary>
    public long TryTakePong(ushort sequence, long nowMicros)
    {
        bool isLast = _open && sequence == _sequence;
        if (!isLast && !(_openBefore && sequence == _before))
        {
            return -1;
        }

        _openBefore = false;
        _open &= !isLast;
        _everAnswered = true;
        _ponged = sequence;
        return Math.Max(1, nowMicros - (isLast ? _sentMicros : _sentBeforeMicros));
    }

    /// <summary>The other side answers: the next ping is a whole interval after the last one.</summary>
    public void EndRetries(long intervalMicros) => NextDueMicros = _sentMicros + intervalMicros;
}
