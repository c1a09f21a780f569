using System.Runtime.InteropServices;

namespace GameServer.Hosting;

/// <summary>Whether standard output and standard error are what the process was given, and not closed.</summary>
/// <remarks>
/// A process that begins with a closed one (<c>2&gt;&amp;-</c>) gets the number for the next file that its runtime opens. Lines that are written there would
/// go into that file. Whatever the runtime opens closes itself when another program is executed; what was given to this one did not.
/// </remarks>
internal static partial class StandardHandles
{
    public const int Output = 1;
    public const int Error = 2;

    private const int GetFlags = 1; // F_GETFD
    private const int ClosesOnExec = 1; // FD_CLOEXEC
    private const int WriteOnly = 1; // O_WRONLY

    /// <summary>False when lines have nowhere to go. A number that is free is taken, so that nobody else gets it.</summary>
    public static bool IsOpen(int handle)
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        int flags = Control(handle, GetFlags, 0);
        if (flags < 0 && handle != Open("/dev/null", WriteOnly))
        {
            return false; // another one was the lowest free
        }

        return flags >= 0 && (flags & ClosesOnExec) == 0;
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int handle, int command, int argument);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
