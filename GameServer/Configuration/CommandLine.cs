using System.Collections;
using System.CommandLine;
using System.CommandLine.Help;
using GameServer.Hosting;
using GameServer.Operations;
using GameServer.Operations.Http;
using GameServer.Operations.Telemetry;

namespace GameServer.Configuration;

/// <summary>What the command line asks for.</summary>
/// <param name="Options">The chosen command's options; null when there is nothing to run.</param>
/// <param name="ExitCode">The exit code when there is nothing to run.</param>
/// <param name="Warnings">What was ignored, for the log.</param>
public sealed record ParsedCommand(CommandOptions? Options, int ExitCode, IReadOnlyList<string> Warnings)
{
    /// <summary>What is wrong, when there is nothing to run for that reason.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>Which command was asked for.</summary>
    public Commands Command { get; init; }

    internal SettingValues? Values { get; init; }

    internal Func<TextWriter, ParsedCommand>? Repeat { get; init; }
}

/// <summary>Turns arguments, environment and configuration file into the options of one command.</summary>
/// <remarks>Built-in values &lt; appsettings.json or <c>--config FILE</c> &lt; environment &lt; command line. All errors are told at once.</remarks>
public static class CommandLine
{
    private const string DefaultFile = "appsettings.json";

    /// <summary>Reads everything with the process's own environment, and prints help and errors to the console.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="matchParameters">The parameters of a match that the game reads; null when it has not said.</param>
    public static ParsedCommand Parse(string[] args, IReadOnlyList<MatchParameter>? matchParameters = null) =>
        Parse(args, Environment.GetEnvironmentVariables(), Console.Out, Console.Error, matchParameters);

    internal static ParsedCommand Parse(
        string[] args, IDictionary environment, TextWriter output, TextWriter error, IReadOnlyList<MatchParameter>? matchParameters = null)
    {
        var tree = new CommandTree();
        var errors = new List<string>();
        // Without this, "--match-config @FILE" would be taken for a file of further arguments.
        ParseResult result = tree.Root.Parse(WithoutSecrets(args, errors), new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (result.Action is HelpAction || tree.IsVersionAsked(result))
        {
            result.Invoke(new InvocationConfiguration { Output = output, Error = error });
            return new ParsedCommand(null, ExitCode.Clean, []);
        }

        Commands command = CommandTree.KindOf(result.CommandResult.Command);
        errors.AddRange(result.Errors.Select(e => e.Message + CommandTree.Hint(result, e.Message, command)));
        var warnings = new List<string>();
        Dictionary<string, RawValue> arguments = tree.ReadArguments(result, command);
        Dictionary<string, RawValue> variables = SettingSources.ReadEnvironment(environment, warnings);
        string? file = tree.ConfigFile(result) ?? (variables.TryGetValue("config", out RawValue named) ? named.Text : null);
        Dictionary<string, RawValue> fromFile = SettingSources.ReadFile(file ?? DefaultFile, mustExist: file is not null, errors);

        var values = new SettingValues(command, [arguments, variables, fromFile], errors);
        CheckStats(values, command, errors);
        if (command == Commands.Serve)
        {
            CheckTogether(values, errors);
            CheckMatchConfig(values, matchParameters, errors);
            warnings.AddRange(TelemetrySettings.Read(environment).Problems);
        }

        if (errors.Count > 0)
        {
            foreach (string message in errors)
            {
                error.WriteLine("error: " + message);
            }

            error.WriteLine("See --help for all options.");
            return new ParsedCommand(null, ExitCode.BadArguments, warnings) { Errors = errors, Command = command, Values = values };
        }

        if (tree.IsPrintAsked(result) || tree.IsValidateAsked(result))
        {
            warnings.ForEach(warning => error.WriteLine("warning: " + warning));
            output.WriteLine(tree.IsPrintAsked(result) ? values.Print(command.ToString().ToLowerInvariant()) : "The configuration is valid.");
            return new ParsedCommand(null, ExitCode.Clean, warnings);
        }

        CommandOptions options = command switch
        {
            Commands.Serve => new ServeOptions(values),
            Commands.Bots => new BotsOptions(values),
            Commands.Watch => new WatchOptions(values),
            Commands.Health => new HealthOptions(values),
            _ => new DoctorOptions(values),
        };
        return new ParsedCommand(options, ExitCode.Clean, warnings) { Command = command, Values = values, Repeat = errors => Parse(args, environment, TextWriter.Null, errors, matchParameters) };
    }

    /// <summary>Takes secrets out of the arguments, where every user of the machine can read them, and says so without repeating them.</summary>
    private static List<string> WithoutSecrets(string[] args, List<string> errors)
    {
        var rest = new List<string>(args);
        foreach (Setting secret in Settings.All.Where(static s => s.Secret))
        {
            int index = rest.FindIndex(a => a == "--" + secret.Name || a.StartsWith($"--{secret.Name}=", StringComparison.Ordinal) || a.StartsWith($"--{secret.Name}:", StringComparison.Ordinal));
            if (index >= 0)
            {
                bool valueFollows = rest[index] == "--" + secret.Name && index + 1 < rest.Count && !rest[index + 1].StartsWith("--", StringComparison.Ordinal);
                rest.RemoveRange(index, valueFollows ? 2 : 1);
                errors.Add($"--{secret.Name} \"***\" (command line): allowed: only the environment, {secret.EnvironmentName}, a configuration file, or --{secret.Name}-file");
            }
        }

        return rest;
    }

    /// <summary>Whether the figures can be written is tried before the run, not after it.</summary>
    private static void CheckStats(SettingValues values, Commands command, List<string> errors)
    {
        if (command is Commands.Serve or Commands.Bots && values.AreRight(Settings.StatsJson) && values.Of(Settings.StatsJson) is { } file && StatsJson.Problem(file) is { } problem)
        {
            errors.Add(Conflict(values, Settings.StatsJson, "a file that can be written; " + problem));
        }
    }

    /// <summary>What was written for this server is checked before it runs; what an orchestrator brings later is reported in the log.</summary>
    private static void CheckMatchConfig(SettingValues values, IReadOnlyList<MatchParameter>? known, List<string> errors)
    {
        if (values.AreRight(Settings.MatchConfig))
        {
            string source = values.Raw(Settings.MatchConfig).Source;
            errors.AddRange(MatchParameter.Check(known, values.Of(Settings.MatchConfig))
                .Select(p => $"--match-config \"{p.Name}\": \"{p.Value}\" ({source}): {p.Text}"));
        }
    }

    private static void CheckTogether(SettingValues values, List<string> errors)
    {
        foreach (Setting<string?> setting in new[] { Settings.TlsKey, Settings.TlsClientCa })
        {
            if (values.AreRight(setting, Settings.TlsCert) && values.Of(setting) is not null && values.Of(Settings.TlsCert) is null)
            {
                errors.Add(Conflict(values, setting, "only together with --tls-cert"));
            }
        }

        if (values.AreRight(Settings.TlsCert, Settings.TlsKey, Settings.TlsClientCa) && values.Of(Settings.TlsCert) is { } certificate
            && TlsFiles.Problem(certificate, values.Of(Settings.TlsKey), values.Of(Settings.TlsClientCa)) is { } problem)
        {
            errors.Add($"--{Settings.TlsCert.Name} \"{certificate}\" ({values.Raw(Settings.TlsCert).Source}), --{Settings.TlsKey.Name}, --{Settings.TlsClientCa.Name}: {problem}; allowed: {TlsFiles.Allowed}");
        }

        if (values.AreRight(Settings.AdminToken, Settings.AdminTokenFile) && values.Of(Settings.AdminToken) is not null && values.Of(Settings.AdminTokenFile) is not null)
        {
            errors.Add(Conflict(values, Settings.AdminTokenFile, $"only one of it and {Settings.AdminToken.EnvironmentName}"));
        }

        if (values.AreRight(Settings.AdminTokenFile) && values.Of(Settings.AdminTokenFile) is { } file && File.ReadAllText(file).Trim().Length < 16)
        {
            errors.Add(Conflict(values, Settings.AdminTokenFile, "a file that holds " + Settings.AdminToken.Allowed));
        }
    }

    private static string Conflict(SettingValues values, Setting setting, string allowed) =>
        $"--{setting.Name} \"{values.Raw(setting).Text}\" ({values.Raw(setting).Source}): allowed: {allowed}";
}
