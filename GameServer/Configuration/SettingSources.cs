using System.Collections;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace GameServer.Configuration;

/// <summary>A raw value and where it came from.</summary>
internal readonly record struct RawValue(string Text, string Source);

/// <summary>Reads the layers under the command line: the environment, then a file, and says what in them is wrong.</summary>
internal static class SettingSources
{
    public const string EnvironmentPrefix = "GAMESERVER_";

    /// <summary>Sections that other software puts into an appsettings.json.</summary>
    private static readonly string[] Foreign = ["Logging", "AllowedHosts", "Kestrel", "$schema"];

    /// <summary>Values by normalised name; unknown variables become warnings, since a platform may set some with our prefix.</summary>
    public static Dictionary<string, RawValue> ReadEnvironment(IDictionary variables, ICollection<string> warnings)
    {
        var values = new Dictionary<string, RawValue>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in variables)
        {
            var name = (string)variable.Key;
            string text = variable.Value as string ?? "";
            if (!name.StartsWith(EnvironmentPrefix, StringComparison.Ordinal) || text.Length == 0)
            {
                continue;
            }

            string key = Normalise(name[EnvironmentPrefix.Length..]);
            bool known = key == "config" || Settings.All.Any(s => Normalise(s.Name) == key);
            bool isLink = IsServiceLink(name, text);
            if (known && !isLink)
            {
                values[key] = new RawValue(text, "environment " + name);
            }
            else if (isLink)
            {
                warnings.Add($"environment {name} \"{text}\" names a Kubernetes Service{(known ? $" and is no value of --{Settings.All.First(s => Normalise(s.Name) == key).Name}" : "")}: ignored; enableServiceLinks: false keeps it away");
            }
            else
            {
                string hint = NearestName.Hint(name, Settings.All.Select(static s => s.EnvironmentName).Distinct());
                warnings.Add($"environment {name} is not a setting and is ignored.{hint}");
            }
        }

        return values;
    }

    /// <summary>Values by normalised name, from the top level of the file or its section "GameServer".</summary>
    public static Dictionary<string, RawValue> ReadFile(string path, bool mustExist, ICollection<string> errors)
    {
        var values = new Dictionary<string, RawValue>(StringComparer.Ordinal);
        if (!mustExist && !File.Exists(path))
        {
            return values;
        }

        IConfigurationRoot file;
        try
        {
            using FileStream stream = File.OpenRead(path);
            file = new ConfigurationBuilder().AddJsonStream(stream).Build();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or InvalidDataException or JsonException)
        {
            errors.Add($"--config \"{path}\": {(e.InnerException ?? e).Message}; allowed: a JSON object of settings");
            return values;
        }

        using (file as IDisposable)
        {
            foreach (IConfigurationSection section in file.GetChildren().Concat(file.GetSection("GameServer").GetChildren()))
            {
                Add(section, path, values, errors);
            }
        }

        return values;
    }

    /// <summary>Kubernetes gives every pod beside a Service called "gameserver" GAMESERVER_PORT=tcp://10.0.0.1:80 and some more.</summary>
    private static bool IsServiceLink(string name, string text) =>
        text.StartsWith("tcp://", StringComparison.Ordinal) || text.StartsWith("udp://", StringComparison.Ordinal)
        || name == EnvironmentPrefix + "SERVICE_HOST" || name.StartsWith(EnvironmentPrefix + "SERVICE_PORT", StringComparison.Ordinal)
        || (name.StartsWith(EnvironmentPrefix + "PORT_", StringComparison.Ordinal) && name.AsSpan(EnvironmentPrefix.Length + 5) is [>= '0' and <= '9', ..]);

    /// <summary>Makes "tick-rate", "TICK_RATE" and "TickRate" one.</summary>
    public static string Normalise(string name) =>
        name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    private static void Add(IConfigurationSection section, string path, Dictionary<string, RawValue> values, ICollection<string> errors)
    {
        string key = Normalise(section.Key);
        if (section.Path == "GameServer" || Foreign.Contains(section.Path, StringComparer.OrdinalIgnoreCase))
        {
            return;
        }

        Setting? setting = Settings.All.FirstOrDefault(s => Normalise(s.Name) == key);
        if (setting is null)
        {
            string hint = NearestName.Hint(section.Key, Settings.All.Select(static s => s.Name).Distinct());
            errors.Add($"unknown setting \"{section.Path}\" in {path}; allowed: the options of --help without dashes in front.{hint}");
        }
        else if (section.GetChildren().Any())
        {
            if (setting.IsObject)
            {
                values[key] = new RawValue(JsonSerializer.Serialize(section.GetChildren().ToDictionary(c => c.Key, c => c.Value)), path);
            }
            else
            {
                errors.Add($"\"{section.Path}\" in {path} is an object or a list; allowed: {setting.Allowed}");
            }
        }
        else if (!string.IsNullOrEmpty(section.Value))
        {
            // "true" has become "True" on its way through the reader.
            values[key] = new RawValue(setting.IsFlag ? section.Value.ToLowerInvariant() : section.Value, path);
        }
    }
}
