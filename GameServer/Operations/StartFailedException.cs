namespace GameServer.Operations;

/// <summary>The server cannot start, for a reason that its operator can do something about.</summary>
/// <param name="message">One line for the operator.</param>
/// <param name="exitCode">One of <see cref="ExitCode"/>.</param>
/// <param name="inner">What was underneath.</param>
#pragma warning disable CA1032 // without a message and an exit code it would say nothing
public sealed class StartFailedException(string message, int exitCode, Exception? inner = null) : Exception(message, inner)
#pragma warning restore CA1032
{
    /// <summary>What the process ends with.</summary>
    public int ProcessExitCode { get; } = exitCode;
}
