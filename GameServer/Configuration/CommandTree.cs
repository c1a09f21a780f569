using System.CommandLine;

namespace GameServer.Configuration;

/// <summary>The commands and options as System.CommandLine sees them, made from the settings table; all values stay text.</summary>
internal sealed class CommandTree
{
    private static readonly (Commands Kind, string Help)[] Subcommands =
    [
        (Commands.Serve, "Runs the server (the default)."),
        (Commands.Bots, "Runs clients that play, each with its own socket."),
        (Commands.Watch, "Joins as a spectator and draws the match in the terminal."),
        (Commands.Doctor, "Checks whether this machine suits a steady tick, and measures it for 5 s; ends with 3 when it finds something."),
        (Commands.Health, "Asks the server on this machine whether it lives, for HEALTHCHECK; ends with 0 when it does, else with 1."),
    ];

    private static readonly string[] Common = ["--config", "--print-config", "--validate-config", "--help", "--version"];

    private readonly Dictionary<(Commands Command, string Name), Option<string?>> _options = [];
    private readonly Option<string?> _config = new("--config") { HelpName = "FILE", Description = "configuration file; else appsettings.json, when there is one [env GAMESERVER_CONFIG]", Recursive = true };
    private readonly Option<bool> _print = new("--print-config") { Description = "prints every setting with its value and source, secrets redacted, and ends", Recursive = true };
    private readonly Option<bool> _validate = new("--validate-config") { Description = "checks the configuration and ends", Recursive = true };

    public CommandTree()
    {
        Root = new RootCommand("An authoritative UDP game server. Values: built-in < configuration file < environment < command line.") { _config, _print, _validate };
        // Root and serve share the very same options, so that "--port 1" and "serve --port 1" are one.
        foreach ((Commands kind, string help) in Subcommands)
        {
            var command = new Command(kind.ToString().ToLowerInvariant(), help);
            foreach (Setting setting in Settings.Of(kind).Where(s => !s.Secret))
            {
                Option<string?> option = ToOption(setting);
                _options.Add((kind, setting.Name), option);
                command.Add(option);
                if (kind == Commands.Serve)
                {
                    Root.Add(option);
                }
            }

            command.SetAction(static _ => { });
            Root.Add(command);
        }

        Root.SetAction(static _ => { });
    }

    public RootCommand Root { get; }

    public static Commands KindOf(Command command) =>
        Enum.TryParse(command.Name, ignoreCase: true, out Commands kind) && kind != Commands.None ? kind : Commands.Serve;

    public bool IsVersionAsked(ParseResult result) =>
        Root.Options.OfType<VersionOption>().Any(o => result.GetResult(o) is { Implicit: false }) && result.Errors.Count == 0;

    /// <summary>What was meant by an option or a command that does not exist, when a message is about one; else nothing.</summary>
    public static string Hint(ParseResult result, string message, Commands command)
    {
        string? unknown = result.UnmatchedTokens.FirstOrDefault(token => message.Contains(token, StringComparison.Ordinal));
        return unknown is null ? ""
            : unknown.StartsWith('-') ? NearestName.Hint(unknown.Split('=', ':')[0], [.. Settings.Of(command).Where(static s => !s.Secret).Select(static s => "--" + s.Name), .. Common])
            : NearestName.Hint(unknown, Subcommands.Select(static c => c.Kind.ToString().ToLowerInvariant()));
    }

    public string? ConfigFile(ParseResult result) => result.GetValue(_config);

    public bool IsPrintAsked(ParseResult result) => result.GetValue(_print);

    public bool IsValidateAsked(ParseResult result) => result.GetValue(_validate);

    /// <summary>Values by normalised name; an option whose value is missing is left out, its error is in the result.</summary>
    public Dictionary<string, RawValue> ReadArguments(ParseResult result, Commands command)
    {
        var values = new Dictionary<string, RawValue>(StringComparer.Ordinal);
        foreach (Setting setting in Settings.Of(command))
        {
            if (_options.TryGetValue((command, setting.Name), out Option<string?>? option)
                && result.GetResult(option) is { Implicit: false } given
                && given.Tokens.Count == 1)
            {
                values.Add(SettingSources.Normalise(setting.Name), new RawValue(given.Tokens[0].Value, "command line"));
            }
            else if (setting.IsFlag && option is not null && result.GetResult(option) is { Implicit: false, Tokens.Count: 0 })
            {
                values.Add(SettingSources.Normalise(setting.Name), new RawValue("true", "command line"));
            }
        }

        return values;
    }

    private static Option<string?> ToOption(Setting setting) => new("--" + setting.Name)
    {
        HelpName = "VALUE",
        Arity = setting.IsFlag ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
        Description = $"{setting.Help}; {setting.Allowed}{(setting.Default.Length > 0 ? "; default " + setting.Default : "")} [env {setting.EnvironmentName}]",
    };
}
