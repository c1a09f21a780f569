using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GameServer.Configuration;
using GameServer.Operations.Logging;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations;

/// <summary>Reads the configuration again, takes over what a running server can take over, and says what changed.</summary>
internal sealed class SettingsReload(ParsedCommand parsed, ILogger log)
{
    private readonly Lock _reloading = new();
    private ParsedCommand _current = parsed;

    /// <summary>Reloads; <paramref name="apply"/> gets the options with only the reloadable settings changed.</summary>
    public void Run(Action<ServeOptions> apply)
    {
        lock (_reloading)
        {
            using var errors = new StringWriter();
            if (_current.Repeat?.Invoke(errors) is not { Options: ServeOptions options, Values: { } values } repeated)
            {
                foreach (string line in errors.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).SkipLast(1))
                {
                    ServerLog.ReloadFailed(log, line.StartsWith("error: ", StringComparison.Ordinal) ? line[7..] : line);
                }

                return;
            }

            try
            {
                apply(options);
            }
            catch (Exception e) when (e is StartFailedException or IOException or UnauthorizedAccessException)
            {
                ServerLog.ReloadFailed(log, e.Message);
                return;
            }

            Report(values, _current.Values!);
            _current = repeated;
        }
    }

    private void Report(SettingValues values, SettingValues before)
    {
        bool changed = false;
        foreach (SettingValue value in values.All)
        {
            SettingValue old = before.Raw(value.Setting);
            changed |= old.Text != value.Text || old.FileDigest != value.FileDigest;
            if (old.Text != value.Text)
            {
                Report(value, old.Text);
            }
            else if (old.FileDigest != value.FileDigest)
            {
                ServerLog.ReloadedFile(log, value.Setting.Name, value.Text, Detail(value));
            }
        }

        if (!changed)
        {
            ServerLog.ReloadedNothing(log); // neither a value nor a file behind one
        }
    }

    private static string Detail(SettingValue value)
    {
        if (value.Setting != Settings.TlsCert)
        {
            return "";
        }

        try
        {
            using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(value.Text));
            return string.Create(CultureInfo.InvariantCulture, $": {certificate.Subject}, valid until {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd'T'HH:mm:ss'Z'}");
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return ""; // it was read a moment ago, and is being written again
        }
    }

    private void Report(SettingValue value, string before)
    {
        (string old, string current) = value.Setting.Secret ? ("***", "***") : (before, value.Text);
        // Between HTTP and HTTPS a listener cannot change.
        bool turnsTls = value.Setting == Settings.TlsCert && (before.Length == 0 || value.Text.Length == 0);
        if (value.Setting.Reloadable && !turnsTls)
        {
            ServerLog.Reloaded(log, value.Setting.Name, old, current);
        }
        else
        {
            ServerLog.ReloadNeedsRestart(log, value.Setting.Name, old, current);
        }
    }
}
