using System.Globalization;

namespace GameServer.Configuration;

/// <summary>Whether clients may watch a match.</summary>
public enum SpectatorAccess
{
    /// <summary>They may.</summary>
    On,

    /// <summary>They are refused.</summary>
    Off,
}

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
