using System.Reflection;
using System.Runtime.InteropServices;

namespace GameServer.Operations;

/// <summary>SIGTERM and SIGINT, on a thread that is there before they come.</summary>
/// <remarks>
/// The runtime makes a thread for each of them, which takes two handles for a moment; when the process has none left, that aborts it (134). So the
/// function that the runtime's signal thread calls is replaced by one that only counts. Where the runtime's entry points are not found, which it does not
/// promise, the signals come its own way. While this lives, no other handler of the process sees the two signals.
/// </remarks>
internal sealed unsafe class EndSignals : IDisposable
{
    private static EndSignals? s_current;
    private static delegate* unmanaged<int, PosixSignal, int> s_runtimes; // what the runtime's signal thread calls by itself

    private readonly SemaphoreSlim _arrived = new(0);
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Action _end;
    private bool _isClosed;

    /// <summary>Takes the signals over.</summary>
    /// <param name="end">What is done for each, one after the other.</param>
    public EndSignals(Action end)
    {
        _end = end;
        new Thread(Serve) { Name = "signals", IsBackground = true }.Start();
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGTERM, Arrive), PosixSignalRegistration.Create(PosixSignal.SIGINT, Arrive)];
        Volatile.Write(ref s_current, this);
        Replace();
    }

    /// <summary>Gives the signals back.</summary>
    public void Dispose()
    {
        if (s_runtimes != null)
        {
            SetHandler(s_runtimes);
        }

        Volatile.Write(ref s_current, null);
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        Volatile.Write(ref _isClosed, true);
        _arrived.Release();
    }

    private void Arrive(PosixSignalContext context)
    {
        context.Cancel = true;
        _arrived.Release();
    }

    private void Serve()
    {
        while (true)
        {
            _arrived.Wait();
            if (Volatile.Read(ref _isClosed))
            {
                return;
            }

            _end();
        }
    }

    private static void Replace()
    {
        MethodInfo? method = typeof(PosixSignalRegistration).GetMethod("OnPosixSignal", BindingFlags.Static | BindingFlags.NonPublic, [typeof(int), typeof(PosixSignal)]);
        if (OperatingSystem.IsLinux() && method?.ReturnType == typeof(int) && method.IsDefined(typeof(UnmanagedCallersOnlyAttribute)))
        {
            s_runtimes = (delegate* unmanaged<int, PosixSignal, int>)method.MethodHandle.GetFunctionPointer();
            SetHandler(&Take);
        }
    }

    private static void SetHandler(delegate* unmanaged<int, PosixSignal, int> handler)
    {
        if (NativeLibrary.TryLoad("libSystem.Native", typeof(object).Assembly, null, out nint library)
            && NativeLibrary.TryGetExport(library, "SystemNative_SetPosixSignalHandler", out nint entry))
        {
            ((delegate* unmanaged<delegate* unmanaged<int, PosixSignal, int>, void>)entry)(handler);
        }
    }

    /// <summary>The runtime's signal thread: makes nothing and waits for nothing.</summary>
    /// <returns>1: the signal has been dealt with.</returns>
    [UnmanagedCallersOnly]
    private static int Take(int number, PosixSignal signal)
    {
        if (signal is PosixSignal.SIGTERM or PosixSignal.SIGINT && Volatile.Read(ref s_current) is { } current)
        {
            current._arrived.Release();
            return 1;
        }

        return s_runtimes(number, signal);
    }
}
