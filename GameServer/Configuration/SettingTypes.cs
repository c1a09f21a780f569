using System.Globalization;
using GameServer.Netcode.Transport;

namespace GameServer.Configuration;

/// <summary>Where a client connects: a host, not resolved yet, and a port.</summary>
public sealed record ServerAddress(string Host, int Port)
{
    /// <inheritdoc/>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    internal static bool TryParse(string text, out ServerAddress? address)
    {
        int colon = text.LastIndexOf(':');
        string host = colon > 0 ? text[..colon] : "";
        bool bracketed = host.StartsWith('[') && host.EndsWith(']');
        host = bracketed ? host[1..^1] : host;
        bool ok = host.Length > 0
            && Uri.CheckHostName(host) != UriHostNameType.Unknown
            && (bracketed || !host.Contains(':', StringComparison.Ordinal))
            && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0;
        address = ok ? new ServerAddress(host, int.Parse(text.AsSpan(colon + 1), CultureInfo.InvariantCulture)) : null;
        return ok;
    }
}

/// <summary>On which processors the hot threads run.</summary>
/// <param name="IsAuto">The host chooses.</param>
/// <param name="Cores">Processors in the order in which threads take them; empty with <paramref name="IsAuto"/> false: no pinning.</param>
public sealed record CpuAffinity(bool IsAuto, IReadOnlyList<int> Cores)
{
    internal static bool TryParse(string text, out CpuAffinity? affinity)
    {
        affinity = text switch
        {
            "auto" => new CpuAffinity(true, []),
            "none" => new CpuAffinity(false, []),
            _ => null,
        };
        if (affinity is not null)
        {
            return true;
        }

        var cores = new List<int>();
        foreach (string part in text.Split(','))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || !TryCore(ends[0], out int first) || !TryCore(ends[^1], out int last) || last < first)
            {
                return false;
            }

            cores.AddRange(Enumerable.Range(first, last - first + 1));
        }

        affinity = new CpuAffinity(false, cores);
        return cores.Count == cores.Distinct().Count();
    }

    private static bool TryCore(string text, out int core) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out core) && core < 1024;
}

/// <summary>How a client's link is impaired, in each direction.</summary>
/// <param name="DelayMillis">One way.</param>
/// <param name="JitterMillis">Uniform, plus or minus.</param>
/// <param name="LossPercent">Mean share of lost packets.</param>
/// <param name="BurstPackets">Mean length of a loss burst in packets; 1 is independent loss.</param>
/// <param name="DuplicatePercent">Share of packets that arrive twice.</param>
public sealed record LinkOptions(double DelayMillis, double JitterMillis, double LossPercent, double BurstPackets, double DuplicatePercent)
{
    /// <summary>True when the link does nothing.</summary>
    public bool IsPerfect => DelayMillis == 0 && JitterMillis == 0 && LossPercent == 0 && DuplicatePercent == 0;

    /// <summary>A link that does nothing.</summary>
    public static LinkOptions Clean { get; } = new(0, 0, 0, 1, 0);

    internal LinkModel ToModel() => new()
    {
        DelayMicros = (long)(DelayMillis * 1000),
        JitterMicros = (long)(JitterMillis * 1000),
        LossPercent = (float)LossPercent,
        BurstPackets = (float)BurstPackets,
        DuplicatePercent = (float)DuplicatePercent,
    };

    internal static bool TryParse(string text, out LinkOptions? link)
    {
        link = Clean;
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] pair = part.Split('=');
            if (pair.Length != 2 || !double.TryParse(pair[1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value))
            {
                return false;
            }

            link = pair[0].Trim() switch
            {
                "delay" when value <= 10_000 => link with { DelayMillis = value },
                "jitter" when value <= 10_000 => link with { JitterMillis = value },
                "loss" when value <= 100 => link with { LossPercent = value },
                "burst" when value is >= 1 and <= 1_000 => link with { BurstPackets = value },
                "dup" when value <= 100 => link with { DuplicatePercent = value },
                _ => null,
            };
            if (link is null)
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>How log lines look.</summary>
public enum LogFormat
{
    /// <summary>Text on a terminal, else JSON.</summary>
    Auto,

    /// <summary>One JSON object per line.</summary>
    Json,

    /// <summary>For people.</summary>
    Text,
}

/// <summary>The least important level that is still logged.</summary>
public enum LogThreshold
{
    /// <summary>Everything.</summary>
    Debug,

    /// <summary>What an operator wants to know.</summary>
    Info,

    /// <summary>What an operator should look at.</summary>
    Warn,

    /// <summary>What went wrong.</summary>
    Error,
}

/// <summary>Who launched this server.</summary>
public enum OrchestratorKind
{
    /// <summary>Found by the environment.</summary>
    Auto,

    /// <summary>Nobody.</summary>
    None,

    /// <summary>Agones, through its sidecar.</summary>
    Agones,

    /// <summary>systemd, through its notification socket.</summary>
    Systemd,

    /// <summary>PlayFab, through its agent.</summary>
    Gsdk,
}
