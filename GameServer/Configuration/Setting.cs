namespace GameServer.Configuration;

/// <summary>The commands of the program; a setting may belong to several.</summary>
[Flags]
public enum Commands
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Runs the server.</summary>
    Serve = 1,

    /// <summary>Runs clients that play.</summary>
    Bots = 2,

    /// <summary>Draws a match in the terminal.</summary>
    Watch = 4,

    /// <summary>Checks the machine.</summary>
    Doctor = 8,

    /// <summary>Asks a running server how it is.</summary>
    Health = 16,
}

/// <summary>One row of the settings table: everything that command line, environment, file, help and messages need to know.</summary>
/// <remarks>Immutable. The name is the command-line form without dashes; environment and file forms follow from it.</remarks>
public abstract class Setting
{
    /// <summary>The name, lower-case words with dashes.</summary>
    public required string Name { get; init; }

    /// <summary>The commands that take it.</summary>
    public required Commands Commands { get; init; }

    /// <summary>The built-in value; empty for none.</summary>
    public required string Default { get; init; }

    /// <summary>What is allowed, as it stands in help and messages.</summary>
    public required string Allowed { get; init; }

    /// <summary>What it does, one line.</summary>
    public required string Help { get; init; }

    /// <summary>True for what never appears in any output and has no command-line form.</summary>
    public bool Secret { get; init; }

    /// <summary>True when a running server takes a change over on SIGHUP.</summary>
    public bool Reloadable { get; init; }

    /// <summary>True when the bare option means "true".</summary>
    public bool IsFlag { get; init; }

    /// <summary>True when the value names a file that is read again on SIGHUP.</summary>
    public bool IsFile { get; init; }

    /// <summary>True when a configuration file may hold a JSON object here.</summary>
    public bool IsObject { get; init; }

    /// <summary>The environment variable.</summary>
    public string EnvironmentName => SettingSources.EnvironmentPrefix + Name.ToUpperInvariant().Replace('-', '_');

    /// <summary>Reads a value; false when it is not allowed, with more detail in <paramref name="problem"/> where there is some.</summary>
    internal abstract bool TryParse(string text, out object? value, out string? problem);
}

/// <summary>A setting of one type.</summary>
/// <typeparam name="T">What the options record holds.</typeparam>
public sealed class Setting<T> : Setting
{
    /// <summary>Reads a value: (true, value, null), or (false, default, detail or null).</summary>
    public required Func<string, (bool Ok, T? Value, string? Problem)> Parse { get; init; }

    internal override bool TryParse(string text, out object? value, out string? problem)
    {
        (bool ok, T? parsed, problem) = Parse(text);
        value = parsed;
        return ok;
    }
}
