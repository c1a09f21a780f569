using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Server;

/// <summary>The parts of a tick that are timed apart.</summary>
public enum RoomPhase
{
    /// <summary>Inbound records into sessions.</summary>
    Drain,

    /// <summary>Steps of owned entities.</summary>
    Step,

    /// <summary>Rules of the game.</summary>
    Rules,

    /// <summary>Quantising every entity.</summary>
    Capture,

    /// <summary>Choosing and writing snapshots.</summary>
    Encode,
}

/// <summary>Is told what happens in a room; a host derives from it to count. Every method does nothing here.</summary>
/// <remarks>Called on the simulation thread; must not wait or allocate, except at joins and leaves.</remarks>
public class RoomObserver
{
    /// <summary>A phase of the tick took this long, in nanoseconds.</summary>
    public virtual void PhaseDone(RoomPhase phase, long nanos)
    {
    }

    /// <summary>An input arrived this long before its tick is due (negative: after), in microseconds.</summary>
    public virtual void InputArrived(long marginMicros)
    {
    }

    /// <summary>A ray of a step was judged.</summary>
    public virtual void RayJudged(in RayVerdict ray)
    {
    }

    /// <summary>A client's snapshots of this tick took this many bytes.</summary>
    public virtual void SnapshotWritten(int bytes)
    {
    }

    /// <summary>A record stayed in the ring for this long, in microseconds.</summary>
    public virtual void RecordDrained(long microsSinceArrival)
    {
    }

    /// <summary>A client has joined.</summary>
    public virtual void PlayerJoined(PlayerId player, string name, bool isSpectator)
    {
    }

    /// <summary>A join was refused; the sentence is what the client reads.</summary>
    public virtual void JoinRefused(LeaveReason reason, string text)
    {
    }

    /// <summary>A session has ended.</summary>
    public virtual void PlayerLeft(PlayerId player, LeaveReason reason)
    {
    }

    /// <summary>A client told how it is doing.</summary>
    public virtual void ClientReported(PlayerId player, in ReportMessage report)
    {
    }

    /// <summary>SyncTest: a step gave other bytes the second time.</summary>
    public virtual void StepDiverged(EntityId entity, Tick tick)
    {
    }

    /// <summary>Each input of a player has come too late for <see cref="Limits.LateSeconds"/>; once in a session.</summary>
    /// <param name="player">Whose.</param>
    /// <param name="roundTripMillis">The round trip as the transport measures it or, where that is longer, as the client reports it; 0: not known.</param>
    /// <param name="followedMillis">Longest round trip that a client of this tick rate follows.</param>
    public virtual void InputsTooLate(PlayerId player, double roundTripMillis, int followedMillis)
    {
    }

    /// <summary>The game emits an event more often than clients can be silent for; once for each kind.</summary>
    /// <param name="name">The event.</param>
    /// <param name="isReliable">Whether it is reliable.</param>
    /// <param name="perSecond">How many were emitted in the last second.</param>
    /// <param name="seconds">The silence after which the session of a client ends (reliable), or after which it misses some before their life is over.</param>
    public virtual void EventsTooMany(string name, bool isReliable, long perSecond, double seconds)
    {
    }
}
