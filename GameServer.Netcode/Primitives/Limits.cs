namespace GameServer.Netcode.Primitives;

/// <summary>Every cap of the library in one place; nothing in it grows past these numbers, whatever a peer sends.</summary>
/// <remarks>The relations between them are checked by <c>LimitsTests</c>.</remarks>
public static partial class Limits
{
    /// <summary>Version of everything that this library puts on the wire. Raised by every change of it until 1.0 (docs/PROTOCOL.md §3.1).</summary>
    public const int ProtocolVersion = 2;

    /// <summary>Largest datagram that is ever received, in bytes (LiteNetLib protocol notes §5).</summary>
    public const int DatagramBytesMax = 1432;

    /// <summary>Smallest datagram size that is fallen back to, in bytes: what every IPv4 path must carry (RFC 791: 576 bytes, of which headers take up to 68).</summary>
    public const int DatagramBytesMin = 508;

    /// <summary>Datagram size that a sender starts with, in bytes, as LiteNetLib does; a match starts with <see cref="DatagramBytesMin"/>.</summary>
    public const int DatagramBytesStart = 1024;

    /// <summary>Largest datagram that a snapshot fills, in bytes, on a path that carries it: IPv6 paths carry 1,280 with their headers.</summary>
    public const int SnapshotDatagramBytesMax = 1232;

    /// <summary>Players in one room.</summary>
    public const int PlayersMax = 256;

    /// <summary>Entities in one room, dead and alive, all kinds together.</summary>
    public const int EntitiesMax = 4096;

    /// <summary>Entities that one player owns at a time; a spawn beyond that is refused and counted.</summary>
    public const int OwnedEntitiesMax = 256;

    /// <summary>Entity kinds in one schema.</summary>
    public const int KindsMax = 32;

    /// <summary>Events in one schema; their number has 5 bits on the wire.</summary>
    public const int EventKindsMax = 32;

    /// <summary>Commands in one schema.</summary>
    public const int CommandKindsMax = 64;

    /// <summary>Commands of one kind that can be posted in one tick.</summary>
    public const int CommandsMax = 65_536;

    /// <summary>Bytes of one command.</summary>
    public const int CommandBytesMax = 1024;

    /// <summary>Characters of a declared name.</summary>
    public const int NameCharsMax = 64;

    /// <summary>Entities that the steps of one player spawn in one tick; their number has 7 bits, the rest of 8 are for the rules.</summary>
    public const int SpawnsPerTickMax = 128;

    /// <summary>Rays that the steps of one player cast in one tick and that get a verdict; those beyond hit as any, and are not compared.</summary>
    public const int RaysComparedPerTick = 16;

    /// <summary>Events that the steps of one player emit in one tick; their number has 8 bits on the wire.</summary>
    public const int EventsPerTickMax = 256;

    /// <summary>Fields in one table of one kind; a change mask fits one 64-bit word.</summary>
    public const int FieldsMax = 64;

    /// <summary>Bytes of one component: as 32-bit words they fit one change mask.</summary>
    public const int ComponentBytesMax = 256;

    /// <summary>Bytes of one input struct.</summary>
    public const int InputBytesMax = 64;

    /// <summary>Ticks of history that server and client keep: frames, samples, inputs, predictions. A power of two.</summary>
    public const int HistoryTicks = 128;

    /// <summary>Time that a client's own history holds at least, in milliseconds: as long as a round trip may be for its prediction to be corrected.</summary>
    public const int PredictionMillis = 2000;

    /// <summary>Ticks of the history of inputs and predictions that a client keeps for the server's word: <see cref="HistoryTicks"/>, or as many as <see cref="PredictionMillis"/> have. A power of two.</summary>
    public static int PredictionTicks(int tickRateHz)
    {
        int ticks = HistoryTicks;
        while (ticks * 1000L < (long)PredictionMillis * tickRateHz)
        {
            ticks *= 2;
        }

        return ticks;
    }

    /// <summary>How many ticks a client runs ahead of the newest snapshot at most. What is left of its history is for snapshots that have no room for all own entities.</summary>
    public static int LeadTicksMax(int tickRateHz) => PredictionTicks(tickRateHz) - 16;

    /// <summary>How many ticks an input may run ahead of the server's next tick; later ones are dropped and counted.</summary>
    public const int InputLeadMax = 48;

    /// <summary>Most bytes of an input packet: it fits a datagram on every path. Of more inputs than that holds, the oldest are left out.</summary>
    public const int InputPacketBytesMax = DatagramBytesMin - 1;

    /// <summary>Seconds for which each input of a player comes too late before the server reports it.</summary>
    public const int LateSeconds = 5;

    /// <summary>Inputs that one input packet carries at most.</summary>
    public const int InputsPerPacketMax = 40;

    /// <summary>
    /// Bytes of a ring that one peer may have in use until the room takes them. Of what is beyond, reliable messages wait with the peer,
    /// and the newest unreliable one is kept.
    /// </summary>
    public const int RingBytesPerPeer = 8 * 1024;

    /// <summary>Short unreliable records of one peer that this is enough for.</summary>
    public const int RecordsPerPeer = 16;

    /// <summary>What a short record is charged, so that no peer brings more than <see cref="RecordsPerPeer"/>.</summary>
    public const int RingBytesPerRecordMin = RingBytesPerPeer / RecordsPerPeer;

    /// <summary>
    /// Records of one peer that a tick takes from the inbound ring: what was charged before the last tick began to take, and since. More is
    /// dropped and counted.
    /// </summary>
    public const int RecordsPerTick = 2 * RecordsPerPeer;

    /// <summary>Longest unreliable message that is kept for a peer whose budget is used up: every input packet.</summary>
    public const int KeptMessageBytesMax = 512;

    /// <summary>Most ticks that the loop catches up before it skips time.</summary>
    public const int CatchUpTicksMax = 2;

    /// <summary>Connections of one address that have not joined yet.</summary>
    public const int WaitingPerAddress = 16;

    /// <summary>Connections of one /24 or /48 that have not joined yet.</summary>
    public const int WaitingPerPrefix = 64;

    /// <summary>Bytes of what spectators are yet to see; beyond that they are ended and the delay begins again.</summary>
    public const int DelayedBytesMax = 64 << 20;

    /// <summary>Longest delay of spectators in milliseconds.</summary>
    public const int SpectatorDelayMillisMax = 60_000;

    /// <summary>Seconds that a connection has to join.</summary>
    public const int JoinSeconds = 2;

    /// <summary>Seconds without a changed input after which a player gives way when the room is full.</summary>
    public const int IdleSeconds = 60;

    /// <summary>Characters of the name of a game.</summary>
    public const int GameNameCharsMax = 64;

    /// <summary>Characters of a player's name.</summary>
    public const int PlayerNameCharsMax = 32;

    /// <summary>Characters of the sentence that comes with a refusal.</summary>
    public const int ReasonCharsMax = 200;

    /// <summary>Bytes of the schema message, which names every column of the game: one reliable message.</summary>
    public const int SchemaBytesMax = 12 * 1024;

    /// <summary>Characters of one line of chat.</summary>
    public const int ChatCharsMax = 200;

    /// <summary>Lines of chat that one player says in a second, on average.</summary>
    public const int ChatLinesPerSecond = 2;

    /// <summary>Lines of chat that one player says at once, after a silence.</summary>
    public const int ChatLinesBurst = 5;

    /// <summary>Lines of chat that wait on a client until they are taken; the oldest makes room.</summary>
    public const int ChatLinesWaiting = 64;

    /// <summary>Longest time until the server stops that clients are told, in seconds.</summary>
    public const int DrainingSecondsMax = 86_400;

    /// <summary>Characters of one notice of the server.</summary>
    public const int NoticeCharsMax = 200;

    /// <summary>Events that wait for one client's acknowledgement; more ends the session.</summary>
    public const int EventsInFlightMax = 512;

    /// <summary>Ticks before the slot of a dead entity is used again, so that no rewind meets two entities in one slot.</summary>
    public const int SlotReuseTicks = 96;
}
