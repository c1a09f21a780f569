using System.Runtime.InteropServices;

namespace GameServer.Bench.Attacks;

/// <summary>Who goes first on a busy machine: the attacked server, and honest clients before the attacker.</summary>
internal static partial class ThreadNice
{
    private const int Process = 0; // on Linux the calling thread alone
    private const int Raised = -10;
    private const int Lowered = 10;

    private static bool s_canRise;

    /// <summary>What was allowed, for the table's head.</summary>
    public static string Line => s_canRise
        ? $"server and honest clients run at nice {Raised}, the sender at 0"
        : $"nice {Raised} is not allowed here: server and honest clients run at 0, the sender at {Lowered}";

    /// <summary>Raises the calling thread where that is allowed.</summary>
    public static void Raise() => s_canRise = SetPriority(Process, 0, Raised) == 0;

    /// <summary>Lowers the calling thread where servers are no better off than it.</summary>
    public static void LowerWhereServersCannotRise()
    {
        if (!s_canRise)
        {
            _ = SetPriority(Process, 0, Lowered);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    private static partial int SetPriority(int which, uint who, int nice);
}
