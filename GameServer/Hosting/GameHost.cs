using GameServer.Bots;
using GameServer.Commands;
using GameServer.Configuration;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Operations;
using GameServer.Operations.Logging;
using Microsoft.Extensions.Logging;

namespace GameServer.Hosting;

/// <summary>What a game may bring besides its rules, for the commands that need more.</summary>
/// <typeparam name="TInput">The game's input.</typeparam>
public sealed record GameExtras<TInput>
    where TInput : unmanaged
{
    /// <summary>Makes the brain of a bot from a seed; none: the game has no bots.</summary>
    public Func<ulong, IBotBrain<TInput>>? Bots { get; init; }

    /// <summary>Makes a game for the rehearsal, a short match that a server which is not compiled ahead plays with itself before it is ready; none: it does without.</summary>
    /// <remarks>Its <c>Start</c>, <c>BeginMatch</c> and <c>Tick</c> run as in a real match: give a game that writes to nothing outside of its world.</remarks>
    public Func<Game<TInput>>? Rehearsal { get; init; }

    /// <summary>The parameters of a match that the game reads; null: any are passed on unchecked.</summary>
    public IReadOnlyList<MatchParameter>? MatchParameters { get; init; }

    /// <summary>Makes a picture of the match for the terminal; none: the game cannot be watched there.</summary>
    public Func<IMatchPicture<TInput>>? Picture { get; init; }
}

/// <summary>Draws a match as lines of text.</summary>
/// <typeparam name="TInput">The game's input.</typeparam>
public interface IMatchPicture<TInput>
    where TInput : unmanaged
{
    /// <summary>Draws what a client sees.</summary>
    void Draw(GameClient<TInput> client, TextCanvas canvas);
}

/// <summary>A whole server program: <c>return GameHost.Run(new MyGame(), args);</c></summary>
public static class GameHost
{
    /// <summary>Runs the command that the arguments name, <c>serve</c> by default; returns the exit code of the process.</summary>
    /// <param name="game">The game.</param>
    /// <param name="args">Command and options; <c>--help</c> explains them.</param>
    /// <param name="extras">Bots and a picture, if the game has them.</param>
    public static int Run<TInput>(Game<TInput> game, string[] args, GameExtras<TInput>? extras = null)
        where TInput : unmanaged
    {
        (TextWriter output, TextWriter error) = (Console.Out, Console.Error);
        try
        {
            return RunCommand(game, args, extras ?? new GameExtras<TInput>(), QuietWriter.TakeConsole());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }

    private static int RunCommand<TInput>(Game<TInput> game, string[] args, GameExtras<TInput> extras, QuietWriter output)
        where TInput : unmanaged
    {
        var parsed = new ParsedCommand(null, ExitCode.Unexpected, []);
        try
        {
            parsed = CommandLine.Parse(args, extras.MatchParameters);
            if (parsed.Options is ServeOptions serve)
            {
                PoolThreads.Keep();
                FileHandles.Require(serve.Bots, serve.NetworkThreads);
            }

            int code = parsed.Options switch
            {
                ServeOptions => new ServeCommand<TInput>(game, extras, parsed).Run(),
                BotsOptions bots => RunBots(game, extras, bots),
                WatchOptions watch => new WatchCommand<TInput>(game, extras, watch).Run(),
                DoctorOptions doctor => Examine(doctor),
                HealthOptions health => HealthCommand.Run(health, Console.Out, Console.Error).GetAwaiter().GetResult(),
                _ => NoteErrors(parsed),
            };
            // What was asked for and did not arrive is a failure; of a server it was a line for scripts.
            return code == ExitCode.Clean && output.HasLost && parsed.Options is not ServeOptions ? ExitCode.ResultsNotDurable : code;
        }
        catch (StartFailedException e)
        {
            Console.Error.WriteLine("error: " + e.Message);
            Note(parsed, log => ServerLog.StartFailed(log, e.ProcessExitCode, e.Message));
            return e.ProcessExitCode;
        }
        catch (Exception e) when (FileHandles.AreLacking(e))
        {
            Console.Error.WriteLine("error: too many files are open: " + e.Message);
            return ExitCode.TemporaryFailure;
        }
        catch (Exception e)
        {
            Console.Error.WriteLine("error: unexpected: " + e);
            Note(parsed, log => ServerLog.Unexpected(log, e, "the server"));
            return ExitCode.Unexpected;
        }
    }

    private static int RunBots<TInput>(Game<TInput> game, GameExtras<TInput> extras, BotsOptions options)
        where TInput : unmanaged
    {
        using var command = new BotsCommand<TInput>(game, extras, options);
        return command.Run();
    }

    private static int NoteErrors(ParsedCommand parsed)
    {
        foreach (string error in parsed.Errors)
        {
            Note(parsed, log => ServerLog.StartFailed(log, parsed.ExitCode, error));
        }

        return parsed.ExitCode;
    }

    /// <summary>What ends a server is an event of its log, too; people have read it on standard error.</summary>
    private static void Note(ParsedCommand parsed, Action<ILogger> write)
    {
        if (parsed.Command != Configuration.Commands.Serve)
        {
            return; // the others have no log, and no setting for one
        }

        LogFormat format = parsed.Values?.AreRight(Settings.LogFormat) == true ? parsed.Values.Of(Settings.LogFormat) : LogFormat.Auto;
        if (format == LogFormat.Json || (format == LogFormat.Auto && Console.IsOutputRedirected))
        {
            try
            {
                using var output = new LogOutput(LogFormat.Json, LogThreshold.Info);
                write(output.CreateLogger("GameServer"));
            }
            catch (IOException)
            {
                // No handle is left for it: standard error has said it.
            }
        }
    }

    private static int Examine(DoctorOptions options)
    {
        bool isGood = Doctor.Run(Console.Out, options.CpuAffinity, options.TickRate, realtime: options.Realtime, isJson: options.Json);
        return isGood ? ExitCode.Clean : ExitCode.Findings;
    }
}
