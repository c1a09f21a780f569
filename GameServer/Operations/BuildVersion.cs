using System.Reflection;

namespace GameServer.Operations;

/// <summary>What this program is, for the ready line, <c>--version</c>, metrics and traces.</summary>
public static class BuildVersion
{
    /// <summary>The version, with the commit after a plus sign when the build knew it.</summary>
    public static string Full { get; } = typeof(BuildVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";

    /// <summary>The version without the commit.</summary>
    public static string Number { get; } = Full.Split('+')[0];

    /// <summary>The commit, or "unknown" when the build did not know it.</summary>
    public static string Revision { get; } = Full.Split('+') is [_, { Length: > 0 } revision, ..] ? revision : "unknown";
}
