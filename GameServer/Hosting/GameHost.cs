using GameServer.Bots;
using GameServer.Commands;
using GameServer.Configuration;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Operations;

namespace GameServer.Hosting;

/// <summary>What a game may bring besides its rules, for the commands that need more.</summary>
/// <typeparam name="TInput">The game's input.</typeparam>
public sealed record GameExtras<TInput>
    where TInput : unmanaged
{
    /// <summary>Makes the brain of a bot from a seed; none: the game has no bots.</summary>
    public Func<ulong, IBotBrain<TInput>>? Bots { get; init; }

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
        extras ??= new GameExtras<TInput>();
        ParsedCommand parsed = CommandLine.Parse(args);
        try
        {
            return parsed.Options switch
            {
                ServeOptions => new ServeCommand<TInput>(game, extras, parsed).Run(),
                BotsOptions bots => RunBots(game, extras, bots),
                WatchOptions watch => new WatchCommand<TInput>(game, extras, watch).Run(),
                DoctorOptions doctor => Examine(doctor),
                _ => parsed.ExitCode,
            };
        }
        catch (StartFailedException e)
        {
            Console.Error.WriteLine("error: " + e.Message);
            return e.ProcessExitCode;
        }
        catch (Exception e)
        {
            Console.Error.WriteLine("error: unexpected: " + e);
            return ExitCode.Unexpected;
        }
    }

    private static int RunBots<TInput>(Game<TInput> game, GameExtras<TInput> extras, BotsOptions options)
        where TInput : unmanaged
    {
        using var command = new BotsCommand<TInput>(game, extras, options);
        return command.Run();
    }

    private static int Examine(DoctorOptions options)
    {
        Doctor.Run(Console.Out, options.CpuAffinity, options.TickRate, realtime: options.Realtime);
        return ExitCode.Clean;
    }
}
