using System.Globalization;
using System.Net;
using System.Text.Json;
using GameServer.Netcode.Transport;

namespace GameServer.Configuration;

/// <summary>The kinds of values that settings have, each with its reader and the words for what is allowed.</summary>
internal static class SettingKinds
{
    private static readonly string[] LinkNames = [.. LinkModel.Syntax.Split(", ").Select(static part => part.Split('=')[0])];

    public static Setting<int> Whole(string name, Commands commands, int value, int min, int max, string unit, string help, bool reloadable = false) => new()
    {
        Name = name,
        Commands = commands,
        Default = value.ToString(CultureInfo.InvariantCulture),
        Allowed = $"a whole number from {min} to {max}{(unit.Length > 0 ? " (" + unit + ")" : "")}",
        Help = help,
        Reloadable = reloadable,
        Parse = text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= min && number <= max
            ? (true, number, null)
            : (false, 0, null),
    };

    /// <summary>A whole number, or "auto", which is null.</summary>
    public static Setting<int?> WholeOrAuto(string name, Commands commands, int min, int max, string unit, string help) => new()
    {
        Name = name,
        Commands = commands,
        Default = "auto",
        Allowed = $"auto, or a whole number from {min} to {max} ({unit})",
        Help = help,
        Parse = text => text is "auto" ? (true, null, null)
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= min && number <= max ? (true, number, null) : (false, null, null),
    };

    public static Setting<ulong> Seed(Commands commands, string value, string help) => new()
    {
        Name = "seed",
        Commands = commands,
        Default = value,
        Allowed = "a whole number from 0 to 18446744073709551615",
        Help = help,
        Parse = text => (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number), number, null),
    };

    public static Setting<bool> Flag(string name, Commands commands, string help) => new()
    {
        Name = name,
        Commands = commands,
        Default = "false",
        Allowed = "true or false",
        Help = help,
        IsFlag = true,
        Parse = text => (bool.TryParse(text, out bool value), value, null),
    };

    public static Setting<TEnum> Choice<TEnum>(string name, Commands commands, TEnum value, string help, bool reloadable = false)
        where TEnum : struct, Enum
    {
        string[] names = [.. Enum.GetNames<TEnum>().Select(n => n.ToLowerInvariant())];
        return new Setting<TEnum>
        {
            Name = name,
            Commands = commands,
            Default = value.ToString().ToLowerInvariant(),
            Allowed = "one of " + string.Join(", ", names),
            Help = help,
            Reloadable = reloadable,
            // By name only: Enum.Parse would take any number.
            Parse = text => Array.IndexOf(names, text.ToLowerInvariant()) is var index and >= 0 ? (true, Enum.GetValues<TEnum>()[index], null) : (false, default, null),
        };
    }

    public static Setting<string?> Text(string name, Commands commands, string value, string allowed, string help, bool secret = false, Func<string, bool>? check = null) => new()
    {
        Name = name,
        Commands = commands,
        Default = value,
        Allowed = allowed,
        Help = help,
        Secret = secret,
        Reloadable = secret,
        Parse = text => check is null || text.Length == 0 || check(text) ? (true, text.Length == 0 ? null : text, null) : (false, null, null),
    };

    /// <summary>A file that must be readable.</summary>
    public static Setting<string?> InputFile(string name, Commands commands, string help, bool reloadable = false) => new()
    {
        Name = name,
        Commands = commands,
        Default = "",
        Allowed = "a file that can be read",
        IsFile = true,
        Help = help,
        Reloadable = reloadable,
        Parse = text => text.Length == 0 ? (true, null, null) : TryRead(text, out _, out string? problem) ? (true, text, null) : (false, null, problem),
    };

    /// <summary>A file that will be written: its folder must exist.</summary>
    public static Setting<string?> OutputFile(string name, Commands commands, string help) => new()
    {
        Name = name,
        Commands = commands,
        Default = "",
        Allowed = "a file in a folder that exists",
        Help = help,
        Parse = text => text.Length == 0 ? (true, null, null) : (Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(text))) && !Directory.Exists(text), text, null),
    };

    public static Setting<IPAddress> Address(string name, Commands commands, string value, string help) => new()
    {
        Name = name,
        Commands = commands,
        Default = value,
        Allowed = "an IPv4 or IPv6 address; 0.0.0.0 or :: is every one of the machine",
        Help = help,
        Parse = text => (IPAddress.TryParse(text, out IPAddress? address), address, null),
    };

    /// <summary>ADDRESS:PORT, a port alone (loopback), or none.</summary>
    public static Setting<IPEndPoint?> EndPointOrNone(string name, Commands commands, string value, string help) => new()
    {
        Name = name,
        Commands = commands,
        Default = value,
        Allowed = "ADDRESS:PORT, PORT (then on 127.0.0.1) or none",
        Help = help,
        Parse = text =>
        {
            if (text is "none")
            {
                return (true, null, null);
            }

            if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            {
                return (true, new IPEndPoint(IPAddress.Loopback, port), null);
            }

            string numeric = text.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase) ? "127.0.0.1" + text[9..] : text;
            // An address without a port would be read as port 0, that is, any.
            bool hasPort = numeric.LastIndexOf(':') is var colon and > 0 && colon > numeric.LastIndexOf(']') && (numeric[0] == '[' || numeric.IndexOf(':', StringComparison.Ordinal) == colon);
            return hasPort && IPEndPoint.TryParse(numeric, out IPEndPoint? endPoint) ? (true, endPoint, null) : (false, null, null);
        },
    };

    /// <summary>HOST:PORT, not resolved here.</summary>
    public static Setting<ServerAddress> Server(string name, Commands commands, string value, string help) => new()
    {
        Name = name,
        Commands = commands,
        Default = value,
        Allowed = "HOST:PORT with a port from 1 to 65535",
        Help = help,
        Parse = text => ServerAddress.TryParse(text, out ServerAddress? address) ? (true, address, null) : (false, null, null),
    };

    public static Setting<CpuAffinity> Affinity(string name, Commands commands, string help) => new()
    {
        Name = name,
        Commands = commands,
        Default = "auto",
        Allowed = "auto, none, or a list of processors such as 2,3 or 2-5",
        Help = help,
        Parse = text => CpuAffinity.TryParse(text, out CpuAffinity? affinity) ? (true, affinity, null) : (false, null, null),
    };

    public static Setting<FrameRates> Frames(string name, Commands commands, string help) => new()
    {
        Name = name,
        Commands = commands,
        Default = "",
        Allowed = FrameRates.Allowed,
        Help = help,
        Parse = text => FrameRates.TryParse(text, out FrameRates? rates) ? (true, rates, null) : (false, null, null),
    };

    /// <summary>What a link does to datagrams, in the words of the library.</summary>
    public static Setting<LinkModel> Link(string name, Commands commands, string help) => new()
    {
        Name = name,
        Commands = commands,
        Default = "",
        Allowed = "any of " + LinkModel.Syntax,
        Help = help,
        Parse = text =>
        {
            if (LinkModel.TryParse(text, out LinkModel link, out string problem))
            {
                return (true, link, null);
            }

            // The library's message ends with what is allowed, and so will ours.
            string written = problem["link: ".Length..].Split("; allowed:")[0];
            string? unknown = written.StartsWith("unknown name '", StringComparison.Ordinal) ? written.Split('\'')[1] : null;
            return (false, default, written + (unknown is null ? "" : "." + NearestName.Hint(unknown, LinkNames)));
        },
    };

    /// <summary>A JSON object, or @FILE that holds one; values are taken as text.</summary>
    public static Setting<IReadOnlyDictionary<string, string>> JsonObject(
        string name, Commands commands, string help, string entries = "", Func<string, string, bool>? check = null) => new()
    {
        Name = name,
        Commands = commands,
        Default = "{}",
        Allowed = "a JSON object, or @FILE that holds one" + entries,
        Help = help,
        IsObject = true,
        Parse = text =>
        {
            if (text.StartsWith('@') && !TryRead(text[1..], out text, out string? problem))
            {
                return (false, null, problem);
            }

            try
            {
                using JsonDocument document = JsonDocument.Parse(text);
                if (document.RootElement.ValueKind != JsonValueKind.Object)
                {
                    return (false, null, "it is JSON, but not an object");
                }

                var values = document.RootElement.EnumerateObject().DistinctBy(p => p.Name).ToDictionary(p => p.Name, p => p.Value.ToString(), StringComparer.Ordinal);
                string? wrong = check is null ? null : values.FirstOrDefault(p => !check(p.Key, p.Value)).Key;
                return wrong is null ? (true, values, null) : (false, null, $"not \"{wrong}\": \"{values[wrong]}\"");
            }
            catch (JsonException e)
            {
                return (false, null, e.Message);
            }
        },
    };

    private static bool TryRead(string path, out string text, out string? problem)
    {
        try
        {
            text = File.ReadAllText(path);
            problem = null;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            (text, problem) = ("", e.Message);
            return false;
        }
    }
}
