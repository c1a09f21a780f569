using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace GameServer.Configuration;

/// <summary>Where the value of one setting came from, and what it is.</summary>
internal sealed record SettingValue(Setting Setting, string Text, string Source, object? Value)
{
    /// <summary>What the file of that name held, as a digest; null for other settings.</summary>
    public string? FileDigest { get; init; }

    /// <summary>The source of values that nobody has set.</summary>
    public const string Default = "default";
}

/// <summary>All settings of one command with their values.</summary>
internal sealed class SettingValues
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };
    private readonly Dictionary<Setting, SettingValue> _values = [];
    private readonly HashSet<Setting> _wrong = [];

    /// <summary>Takes each setting from the first layer that has it, and reads it; what is not allowed goes to <paramref name="errors"/>.</summary>
    public SettingValues(Commands command, IReadOnlyList<Dictionary<string, RawValue>> layers, ICollection<string> errors)
    {
        foreach (Setting setting in Settings.Of(command))
        {
            var raw = new RawValue(setting.Default, SettingValue.Default);
            foreach (Dictionary<string, RawValue> layer in layers)
            {
                if (layer.TryGetValue(SettingSources.Normalise(setting.Name), out RawValue found))
                {
                    raw = found;
                    break;
                }
            }

            if (!setting.TryParse(raw.Text, out object? value, out string? problem))
            {
                _wrong.Add(setting);
                string shown = setting.Secret ? "***" : raw.Text;
                errors.Add($"--{setting.Name} \"{shown}\" ({raw.Source}): {(problem is null ? "" : problem + "; ")}allowed: {setting.Allowed}");
            }

            string? digest = setting.IsFile && value is string file ? DigestOf(file) : null;
            _values.Add(setting, new SettingValue(setting, raw.Text, raw.Source, value) { FileDigest = digest });
        }
    }

    private static string? DigestOf(string file)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            return Convert.ToHexString(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public IEnumerable<SettingValue> All => _values.Values;

    public T Of<T>(Setting<T> setting) => (T)_values[setting].Value!;

    public SettingValue Raw(Setting setting) => _values[setting];

    /// <summary>True when all of these have values that are allowed, so that they can be held against each other.</summary>
    public bool AreRight(params ReadOnlySpan<Setting> settings)
    {
        foreach (Setting setting in settings)
        {
            if (_wrong.Contains(setting))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The whole configuration as JSON, secrets redacted.</summary>
    public string Print(string command)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Indented))
        {
            json.WriteStartObject();
            json.WriteString("command", command);
            json.WriteStartObject("settings");
            foreach (SettingValue value in All)
            {
                json.WriteStartObject(value.Setting.Name);
                json.WriteString("value", value.Setting.Secret && value.Text.Length > 0 ? "***" : value.Text);
                json.WriteString("source", value.Source);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
