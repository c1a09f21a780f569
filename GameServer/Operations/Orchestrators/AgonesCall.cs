using System.Globalization;
using System.Text.Json;

namespace GameServer.Operations.Orchestrators;

/// <summary>What a call to the sidecar is about; each has its own pauses between tries.</summary>
internal enum AgonesTopic
{
    /// <summary>A look at what the sidecar shows.</summary>
    Look,

    /// <summary>The state of the GameServer.</summary>
    State,

    /// <summary>The counter of rooms.</summary>
    Rooms,

    /// <summary>Capacity of the list of players.</summary>
    Capacity,

    /// <summary>The list of players.</summary>
    Players,

    /// <summary>Labels and annotations.</summary>
    Metadata,
}

/// <summary>One call to the sidecar.</summary>
/// <param name="Topic">What it is about.</param>
/// <param name="Name">Its name in the log.</param>
/// <param name="Method">GET, POST, PUT or PATCH.</param>
/// <param name="Path">Where it goes.</param>
/// <param name="Body">What it brings.</param>
/// <param name="Subject">The player, label or annotation that it is about.</param>
internal sealed record AgonesCall(AgonesTopic Topic, string Name, HttpMethod Method, string Path, string Body = "{}", string Subject = "")
{
    public static AgonesCall Look { get; } = new(AgonesTopic.Look, "gameserver", HttpMethod.Get, "gameserver", "");

    public static AgonesCall RoomEnded { get; } = new(AgonesTopic.Rooms, "rooms", HttpMethod.Patch, "v1beta1/counters/rooms", "{\"countDiff\":\"-1\"}");

    public static AgonesCall State(string name, string body = "{}") => new(AgonesTopic.State, name, HttpMethod.Post, name, body);

    public static AgonesCall Reserve(int seconds) => State("reserve", $"{{\"seconds\":\"{Text(seconds)}\"}}");

    public static AgonesCall Capacity(int players) => new(AgonesTopic.Capacity, "capacity", HttpMethod.Patch, "v1beta1/lists/players", $"{{\"capacity\":\"{Text(players)}\"}}");

    public static AgonesCall Player(string player, bool isThere)
    {
        string verb = isThere ? "addValue" : "removeValue";
        return new AgonesCall(AgonesTopic.Players, verb, HttpMethod.Post, "v1beta1/lists/players:" + verb, $"{{\"value\":\"{player}\"}}", player);
    }

    public static AgonesCall Metadata(string kind, string key, string value) =>
        new(AgonesTopic.Metadata, kind, HttpMethod.Put, "metadata/" + kind, $"{{\"key\":{Quoted(key)},\"value\":{Quoted(value)}}}", $"{kind}/{key}");

    public Task<(AgonesResult Result, string Answer)> Make(AgonesRest rest, CancellationToken end) => rest.Send(Method, Path, Method == HttpMethod.Get ? null : Body, end);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Quoted(string text) => JsonSerializer.Serialize(text);
}
