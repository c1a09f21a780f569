using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Messages;

/// <summary>First element of every control message. Frozen by a test.</summary>
public enum ControlKind : byte
{
    /// <summary>Client: let me in.</summary>
    Join = 1,

    /// <summary>Server: you are in.</summary>
    Welcome = 2,

    /// <summary>Server: you are not let in, and why; the connection ends.</summary>
    Refuse = 3,

    /// <summary>Client: I am going.</summary>
    Leave = 4,

    /// <summary>Either way: a line of text.</summary>
    Chat = 5,

    /// <summary>Client: how I am doing; once a second.</summary>
    Report = 6,

    /// <summary>Server: the tables of the game, so that any tool can decode it.</summary>
    Schema = 7,

    /// <summary>Server: it will stop.</summary>
    Draining = 8,

    /// <summary>Server: who is in which seat.</summary>
    Players = 9,

    /// <summary>Server: a line from whoever runs it, to all.</summary>
    Notice = 10,

    /// <summary>Server: hashes of what its game declares, to a client whose schema is another one.</summary>
    Declarations = 11,

    /// <summary>Client: the first of its declarations that differs.</summary>
    Difference = 12,
}

/// <summary>Client: let me in.</summary>
/// <remarks>
/// Layout: MessagePack [1, protocol version, game, version, schema hash, name, watches only]. The first two elements stand there in every
/// version; what follows belongs to the version. Version 1 had no number and is known by the name of the game in its place.
/// </remarks>
public readonly record struct JoinMessage(string Game, int Version, ulong SchemaHash, string Name, bool IsSpectator)
{
    private const int NumberlessProtocol = 1;

    /// <summary>A name that is too long is read, so that the refusal can say so.</summary>
    private const int NameCharsRead = 256;

    /// <summary>Writes it; returns its size, 0 when it does not fit.</summary>
    public int Write(Span<byte> destination)
    {
        var writer = new MessagePackWriter(destination);
        writer.WriteArrayHeader(7);
        writer.WriteInt32((int)ControlKind.Join);
        writer.WriteInt32(Limits.ProtocolVersion);
        writer.WriteString(Game.AsSpan());
        writer.WriteInt32(Version);
        writer.WriteUInt64(SchemaHash);
        writer.WriteString(Name.AsSpan());
        writer.WriteBoolean(IsSpectator);
        return writer.Overflowed ? 0 : writer.ByteCount;
    }

    /// <summary>Reads the protocol version of a join, of any version.</summary>
    public static bool TryReadProtocol(ReadOnlySpan<byte> message, out int protocol)
    {
        protocol = 0;
        if (!ControlMessage.TryOpen(message, ControlKind.Join, 2, out MessagePackReader reader))
        {
            return false;
        }

        MessagePackReader game = reader;
        game.ReadUtf8();
        protocol = game.Failed ? reader.ReadInt32() : NumberlessProtocol;
        return !reader.Failed && protocol > 0;
    }

    /// <summary>Reads a join of this version of the protocol.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out JoinMessage join)
    {
        join = default;
        if (!ControlMessage.TryOpen(message, ControlKind.Join, 7, out MessagePackReader reader) || reader.ReadInt32() != Limits.ProtocolVersion)
        {
            return false;
        }

        string game = reader.ReadString(Limits.GameNameCharsMax);
        int version = reader.ReadInt32();
        ulong hash = reader.ReadUInt64();
        string name = reader.ReadString(NameCharsRead);
        bool spectator = reader.ReadBoolean();
        join = new JoinMessage(game, version, hash, name, spectator);
        return !reader.Failed;
    }
}

/// <summary>Server: you are in.</summary>
/// <remarks>Layout: MessagePack [2, seat, ticks per second, tick, bytes per tick, idle timeout in ms, longest rewind in ms, seed of steps, name].</remarks>
public readonly record struct WelcomeMessage(
    int Seat, int TickRateHz, Tick Tick, int BudgetBytes, int IdleTimeoutMillis, int MaxRewindMillis, ulong Seed)
{
    /// <summary>The player's name as the server keeps it.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>Writes it; returns its size, 0 when it does not fit.</summary>
    public int Write(Span<byte> destination)
    {
        var writer = new MessagePackWriter(destination);
        writer.WriteArrayHeader(9);
        writer.WriteInt32((int)ControlKind.Welcome);
        writer.WriteInt32(Seat);
        writer.WriteInt32(TickRateHz);
        writer.WriteUInt32(Tick.Value);
        writer.WriteInt32(BudgetBytes);
        writer.WriteInt32(IdleTimeoutMillis);
        writer.WriteInt32(MaxRewindMillis);
        writer.WriteUInt64(Seed);
        writer.WriteString(Name.AsSpan());
        return writer.Overflowed ? 0 : writer.ByteCount;
    }

    /// <summary>Reads it; refuses values that no server sends.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out WelcomeMessage welcome)
    {
        welcome = default;
        if (!ControlMessage.TryOpen(message, ControlKind.Welcome, 9, out MessagePackReader reader))
        {
            return false;
        }

        welcome = new WelcomeMessage(
            reader.ReadInt32(), reader.ReadInt32(), new Tick(reader.ReadUInt32()), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadUInt64())
        {
            Name = reader.ReadString(Limits.PlayerNameCharsMax),
        };
        return !reader.Failed && welcome.Seat is >= 0 and < 65536 && welcome.TickRateHz is >= 1 and <= 1000 && welcome.MaxRewindMillis is >= 0 and <= 5000;
    }
}

/// <summary>Client: how I am doing, once a second.</summary>
/// <remarks>Layout: MessagePack [6, own, external, starved corrections since the report before, view delay in ms, snapshot loss in 1/1000, round trip in ms, unexplained rollbacks since the report before].</remarks>
public readonly record struct ReportMessage(int Own, int External, int Starved, int ViewDelayMillis, int LossPermille, int RoundTripMillis, int Unexplained)
{
    /// <summary>Writes it; returns its size, 0 when it does not fit.</summary>
    public int Write(Span<byte> destination)
    {
        var writer = new MessagePackWriter(destination);
        writer.WriteArrayHeader(8);
        writer.WriteInt32((int)ControlKind.Report);
        writer.WriteInt32(Own);
        writer.WriteInt32(External);
        writer.WriteInt32(Starved);
        writer.WriteInt32(ViewDelayMillis);
        writer.WriteInt32(LossPermille);
        writer.WriteInt32(RoundTripMillis);
        writer.WriteInt32(Unexplained);
        return writer.Overflowed ? 0 : writer.ByteCount;
    }

    /// <summary>Reads it; refuses values out of range.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out ReportMessage report)
    {
        report = default;
        if (!ControlMessage.TryOpen(message, ControlKind.Report, 8, out MessagePackReader reader))
        {
            return false;
        }

        report = new ReportMessage(
            reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        return !reader.Failed && report.Unexplained is >= 0 and < 10_000 && report.Own is >= 0 and < 10_000 && report.External is >= 0 and < 10_000 && report.Starved is >= 0 and < 10_000
            && report.LossPermille is >= 0 and <= 1000 && report.ViewDelayMillis is >= 0 and < 60_000 && report.RoundTripMillis is >= 0 and < 60_000;
    }
}

/// <summary>The small control messages, and how every one begins.</summary>
public static class ControlMessage
{
    /// <summary>Kind of a message, without reading the rest.</summary>
    public static bool TryReadKind(ReadOnlySpan<byte> message, out ControlKind kind)
    {
        var reader = new MessagePackReader(message);
        int count = reader.ReadArrayHeader();
        int number = reader.ReadInt32();
        kind = (ControlKind)number;
        return !reader.Failed && count >= 1 && number is >= (int)ControlKind.Join and <= (int)ControlKind.Difference;
    }

    /// <summary>Writes [3, reason, sentence for a person]; returns its size, 0 when it does not fit.</summary>
    public static int WriteRefuse(Span<byte> destination, LeaveReason reason, ReadOnlySpan<char> text)
    {
        var writer = new MessagePackWriter(destination);
        writer.WriteArrayHeader(3);
        writer.WriteInt32((int)ControlKind.Refuse);
        writer.WriteInt32((int)reason);
        writer.WriteString(text.Length <= Limits.ReasonCharsMax ? text : text.Slice(0, Limits.ReasonCharsMax));
        return writer.Overflowed ? 0 : writer.ByteCount;
    }

    /// <summary>Reads a refusal of any version of the protocol: a reason that is not known here keeps its number, a missing sentence is empty.</summary>
    public static bool TryReadRefuse(ReadOnlySpan<byte> message, out LeaveReason reason, out string text)
    {
        text = string.Empty;
        bool read = TryReadNumber(message, ControlKind.Refuse, out int number);
        reason = (LeaveReason)number;
        if (read && TryOpen(message, ControlKind.Refuse, 3, out MessagePackReader reader))
        {
            reader.ReadInt32();
            text = reader.ReadString(Limits.ReasonCharsMax);
            read = !reader.Failed;
        }

        return read && number is >= 0 and <= byte.MaxValue;
    }

    /// <summary>Writes [4, connection time]; returns its size.</summary>
    public static int WriteLeave(Span<byte> destination, long connectionTime)
    {
        var writer = new MessagePackWriter(destination);
        writer.WriteArrayHeader(2);
        writer.WriteInt32((int)ControlKind.Leave);
        writer.WriteUInt64((ulong)connectionTime);
        return writer.Overflowed ? 0 : writer.ByteCount;
    }

    /// <summary>Reads the connection time of a leave.</summary>
    public static bool TryReadLeave(ReadOnlySpan<byte> message, out long connectionTime)
    {
        connectionTime = 0;
        if (!TryOpen(message, ControlKind.Leave, 2, out MessagePackReader reader))
        {
            return false;
        }

        connectionTime = (long)reader.ReadUInt64();
        return !reader.Failed;
    }

    /// <summary>Writes [8, seconds until the server stops]; returns its size.</summary>
    public static int WriteDraining(Span<byte> destination, int seconds) => WriteNumber(destination, ControlKind.Draining, seconds);

    /// <summary>Reads the seconds until the server stops.</summary>
    public static bool TryReadDraining(ReadOnlySpan<byte> message, out int seconds) =>
        TryReadNumber(message, ControlKind.Draining, out seconds) && seconds is >= 0 and <= Limits.DrainingSecondsMax;

    /// <summary>Most bytes of a line of chat: kind, seat, and characters of three bytes each.</summary>
    internal const int ChatBytesMax = 1 + 1 + 5 + 3 + (Limits.ChatCharsMax * 3);

    /// <summary>Writes [5, seat, text]; returns its size, 0 when it does not fit. A client's own seat is not looked at.</summary>
    public static int WriteChat(Span<byte> destination, int seat, ReadOnlySpan<char> text)
    {
        var writer = new MessagePackWriter(destination);
        writer.WriteArrayHeader(3);
        writer.WriteInt32((int)ControlKind.Chat);
        writer.WriteInt32(seat);
        writer.WriteString(text);
        return writer.Overflowed ? 0 : writer.ByteCount;
    }

    /// <summary>Reads a line of chat into a buffer of <see cref="Limits.ChatCharsMax"/> characters, without making a string.</summary>
    public static bool TryReadChat(ReadOnlySpan<byte> message, Span<char> buffer, out int seat, out int length)
    {
        seat = length = 0;
        if (!TryOpen(message, ControlKind.Chat, 3, out MessagePackReader reader))
        {
            return false;
        }

        seat = reader.ReadInt32();
        length = reader.ReadStringInto(buffer[..Limits.ChatCharsMax]);
        return !reader.Failed && seat is >= 0 and < 65536;
    }

    /// <summary>Reads a line of chat of at most <see cref="Limits.ChatCharsMax"/> characters.</summary>
    public static bool TryReadChat(ReadOnlySpan<byte> message, out int seat, out string text)
    {
        seat = 0;
        text = string.Empty;
        if (!TryOpen(message, ControlKind.Chat, 3, out MessagePackReader reader))
        {
            return false;
        }

        seat = reader.ReadInt32();
        text = reader.ReadString(Limits.ChatCharsMax);
        return !reader.Failed && seat is >= 0 and < 65536;
    }

    internal static bool TryOpen(ReadOnlySpan<byte> message, ControlKind kind, int count, out MessagePackReader reader)
    {
        reader = new MessagePackReader(message);
        return reader.ReadArrayHeader() >= count && reader.ReadInt32() == (int)kind && !reader.Failed;
    }

    private static int WriteNumber(Span<byte> destination, ControlKind kind, int number)
    {
        var writer = new MessagePackWriter(destination);
        writer.WriteArrayHeader(2);
        writer.WriteInt32((int)kind);
        writer.WriteInt32(number);
        return writer.Overflowed ? 0 : writer.ByteCount;
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> message, ControlKind kind, out int number)
    {
        bool open = TryOpen(message, kind, 2, out MessagePackReader reader);
        number = open ? reader.ReadInt32() : 0;
        return open && !reader.Failed;
    }
}
