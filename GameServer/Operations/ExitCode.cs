namespace GameServer.Operations;

/// <summary>What the process says with its exit code. Launchers act on them: any other than 0 counts as a crash.</summary>
public static class ExitCode
{
    /// <summary>A clean end, also after a drain.</summary>
    public const int Clean = 0;

    /// <summary>Something that should not happen.</summary>
    public const int Unexpected = 1;

    /// <summary>Bad arguments or configuration (systemd: EXIT_INVALIDARGUMENT); starting again does not help.</summary>
    public const int BadArguments = 2;

    /// <summary>Only of <c>doctor</c>: the machine could do better.</summary>
    public const int Findings = 3;

    /// <summary>Results could not be made durable (sysexits: EX_IOERR).</summary>
    public const int ResultsNotDurable = 74;

    /// <summary>A failure that may pass, such as a port in use (sysexits: EX_TEMPFAIL).</summary>
    public const int TemporaryFailure = 75;
}
