using GameServer.Configuration;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Transport;
using GameServer.Operations;

namespace GameServer.Bots;

/// <summary>What a fleet of bots is like.</summary>
/// <param name="Server">Where they join.</param>
/// <param name="Count">How many.</param>
/// <param name="Seed">Seed of their brains and of their links.</param>
/// <param name="Link">How their links are impaired.</param>
/// <param name="PortableSocket">Uses the portable socket everywhere.</param>
/// <param name="Frames">Their frame rates; null: as often as they are polled.</param>
internal sealed record FleetOptions(
    PeerAddress Server, int Count, ulong Seed, LinkModel Link, bool PortableSocket, FrameRates? Frames = null);

/// <summary>Bots that play, all on one thread: real clients over real sockets.</summary>
/// <remarks>Owner of the clients: the thread of the fleet. The properties may be read by any thread.</remarks>
internal sealed class BotFleet<TInput> : IDisposable, IOwnBots
    where TInput : unmanaged
{
    private const int PollMillis = 1;
    private const int FarewellPolls = 200;
    private const long JoinPaceMicros = 4_000; // not all at once: a server lets in only so many per second and address

    private const int NoSeatYet = -1;
    private const int Over = -2;

    private readonly BotClient<TInput>[] _bots;
    private readonly int[] _seatsOfBots;
    private readonly Thread _thread;
    private readonly Action _prepare;
    private volatile bool _stops;
    private int _playing;
    private int _present;
    private long _longestStallMicros;

    /// <summary>Opens the sockets; nothing runs yet.</summary>
    /// <param name="game">The game.</param>
    /// <param name="brains">Makes a brain from a seed.</param>
    /// <param name="options">What they are like.</param>
    /// <param name="prepare">Called on the fleet's thread before all else.</param>
    public BotFleet(Game<TInput> game, Func<ulong, IBotBrain<TInput>> brains, FleetOptions options, Action? prepare = null)
    {
        _prepare = prepare ?? (static () => { });
        _bots = new BotClient<TInput>[options.Count];
        _seatsOfBots = new int[options.Count];
        _seatsOfBots.AsSpan().Fill(NoSeatYet);
        for (int i = 0; i < _bots.Length; i++)
        {
            _bots[i] = new BotClient<TInput>(game, brains(options.Seed + (ulong)i), options, i);
        }

        _thread = new Thread(Run) { Name = "bots", IsBackground = true };
    }

    public IReadOnlyList<BotClient<TInput>> Bots => _bots;

    /// <summary>Bots that are in the match.</summary>
    public int Playing => Volatile.Read(ref _playing);

    /// <inheritdoc/>
    public int Present => Volatile.Read(ref _present);

    /// <summary>Longest time between two polls, once all were under way.</summary>
    public double LongestStallMillis => Volatile.Read(ref _longestStallMicros) / 1000.0;

    /// <summary>True once every bot's life is over.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>What ended the fleet before its time, or null.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Lets them join and play.</summary>
    public void Start() => _thread.Start();

    /// <summary>Lets them leave, and ends the thread.</summary>
    public void Stop()
    {
        _stops = true;
        if (_thread.IsAlive)
        {
            _thread.Join();
        }
    }

    /// <inheritdoc/>
    public bool? IsOwn(string name, int seat)
    {
        bool mayBe = false;
        for (int bot = 0; bot < _bots.Length; bot++)
        {
            int seatOfBot = Volatile.Read(ref _seatsOfBots[bot]);
            if (seatOfBot == seat)
            {
                return true;
            }

            // A name that is taken gets something appended.
            mayBe |= seatOfBot == NoSeatYet && name.StartsWith(_bots[bot].Name, StringComparison.Ordinal);
        }

        return mayBe ? null : false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        foreach (BotClient<TInput> bot in _bots)
        {
            bot.Dispose();
        }
    }

    private void Run()
    {
        try
        {
            _prepare();
            Play();
            Leave();
        }
        catch (Exception e)
        {
            Failure = e;
        }
        finally
        {
            Volatile.Write(ref _playing, 0);
            Volatile.Write(ref _present, 0);
            _seatsOfBots.AsSpan().Fill(Over);
            HasEnded = true;
        }
    }

    private void Play()
    {
        int started = 0;
        long nextJoin = 0;
        long settled = long.MaxValue;
        long before = SocketClock.Micros;
        while (!_stops && !HasEnded)
        {
            long now = SocketClock.Micros;
            if (started < _bots.Length && now >= nextJoin)
            {
                _bots[started++].Join(now);
                nextJoin = now + JoinPaceMicros;
                settled = started == _bots.Length ? now + 3_000_000 : settled;
            }

            if (before >= settled && now - before > _longestStallMicros)
            {
                Volatile.Write(ref _longestStallMicros, now - before);
            }

            before = now;
            Update(started);
            Thread.Sleep(PollMillis);
        }
    }

    private void Update(int started)
    {
        int playing = 0;
        int ended = 0;
        for (int i = 0; i < started; i++)
        {
            BotClient<TInput> bot = _bots[i];
            bot.Frame(SocketClock.Micros);
            playing += bot.Client.State == ClientState.Playing ? 1 : 0;
            ended += bot.Client.State == ClientState.Ended ? 1 : 0;
            int seat = bot.Client.State switch { ClientState.Playing => bot.Client.Player.Index, ClientState.Ended => Over, _ => NoSeatYet };
            Volatile.Write(ref _seatsOfBots[i], seat);
        }

        Volatile.Write(ref _playing, playing);
        Volatile.Write(ref _present, started - ended);
        HasEnded = ended == _bots.Length;
    }

    private void Leave()
    {
        foreach (BotClient<TInput> bot in _bots)
        {
            bot.Leave(SocketClock.Micros);
        }

        // The farewells are repeated until they are acknowledged.
        for (int i = 0; i < FarewellPolls && !_bots.All(static b => b.Client.IsClosed); i++)
        {
            foreach (BotClient<TInput> bot in _bots)
            {
                bot.Update(SocketClock.Micros);
            }

            Thread.Sleep(PollMillis);
        }
    }
}
