using System.Net.Sockets;
using System.Runtime.InteropServices;
using GameServer.Operations;

namespace GameServer.Hosting;

/// <summary>How many files and sockets this process may have open. The runtime ends a process that has none left without a word.</summary>
internal static partial class FileHandles
{
    /// <summary>What a server needs besides its bots: the runtime with all its parts, the sockets, and some connections of HTTP.</summary>
    public const int Needed = 256;

    /// <summary>The part of <see cref="Needed"/> that connections of HTTP may have.</summary>
    private const int ConnectionsAtLeast = 48;

    private const int LimitOfOpenFiles = 7; // RLIMIT_NOFILE
    private const int ErrorTooManyInProcess = 24; // EMFILE
    private const int ErrorTooManyInSystem = 23; // ENFILE

    /// <summary>Refuses a start that would end in the middle.</summary>
    /// <exception cref="StartFailedException">Too few may be open.</exception>
    public static void Require(int bots, int networkThreads)
    {
        long needed = Needed + bots + networkThreads;
        if (Limit < (ulong)needed)
        {
            throw new StartFailedException(
                $"the limit of open files is {Limit}; allowed: at least {needed} (ulimit -n, systemd: LimitNOFILE=, docker: --ulimit nofile=)", ExitCode.TemporaryFailure);
        }
    }

    /// <summary>Connections that may be open without taking what the runtime needs: each new thread of it takes two.</summary>
    public static int ForConnections(int bots) => (int)Math.Clamp((long)Math.Min(Limit, int.MaxValue) - Needed - bots + ConnectionsAtLeast, ConnectionsAtLeast, int.MaxValue);

    /// <summary>True when a failure comes from a lack of handles, which may pass.</summary>
    public static bool AreLacking(Exception failure)
    {
        if (Limit < Needed)
        {
            return true; // with so few, a part of the runtime that is not found says nothing of its reason
        }

        return HasOneOf(failure);
    }

    // Apart: what it names must not be loaded before the limit is known to allow that.
    private static bool HasOneOf(Exception failure)
    {
        for (Exception? e = failure; e is not null; e = e.InnerException)
        {
            if (e is SocketException { SocketErrorCode: SocketError.TooManyOpenSockets }
                || (e is IOException && (e.HResult & 0xFFFF) is ErrorTooManyInProcess or ErrorTooManyInSystem)
                || e.Message.Contains("Too many open files", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static ulong Limit => OperatingSystem.IsLinux() && GetLimit(LimitOfOpenFiles, out Limits limits) == 0 ? limits.Current : ulong.MaxValue;

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limits limits);

    private struct Limits
    {
        public ulong Current;
        public ulong Most;
    }
}
