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
                    ServerLog.ReloadFailed(log, line);
                }

                return;
            }

            bool changed = false;
            foreach (SettingValue value in values.All)
            {
                string before = _current.Values!.Raw(value.Setting).Text;
                changed |= before != value.Text;
                if (before != value.Text)
                {
                    Report(value, before);
                }
            }

            if (!changed)
            {
                ServerLog.ReloadedNothing(log); // files behind unchanged names are read again all the same
            }

            try
            {
                apply(options);
                _current = repeated;
            }
            catch (StartFailedException e)
            {
                ServerLog.ReloadFailed(log, e.Message);
            }
        }
    }

    private void Report(SettingValue value, string before)
    {
        (string old, string current) = value.Setting.Secret ? ("***", "***") : (before, value.Text);
        if (value.Setting.Reloadable)
        {
            ServerLog.Reloaded(log, value.Setting.Name, old, current);
        }
        else
        {
            ServerLog.ReloadNeedsRestart(log, value.Setting.Name, old, current);
        }
    }
}
