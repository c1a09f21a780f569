using System.Runtime.InteropServices;
using GameServer.Operations.Logging;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations;

/// <summary>SIGTERM and SIGINT drain, a second one ends at once; SIGHUP reloads.</summary>
/// <remarks>.NET 10 has no handler for SIGTERM of its own: without this the process would die on the spot with 143.</remarks>
internal sealed class ProcessSignals : IDisposable
{
    private static readonly TimeSpan PatienceAfterSecond = TimeSpan.FromSeconds(3);
    private readonly PosixSignalRegistration[] _registrations;
    private readonly ServerControl _control;
    private readonly Action _giveUp;
    private readonly ILogger _log;
    private int _count;

    public ProcessSignals(ServerControl control, Action reload, Action giveUp, ILogger log)
    {
        (_control, _giveUp, _log) = (control, giveUp, log);
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, End),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, End),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
            {
                context.Cancel = true;
                reload();
            }),
        ];
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void End(PosixSignalContext context)
    {
        context.Cancel = true;
        _control.NoteSignal();
        if (Interlocked.Increment(ref _count) == 1)
        {
            _control.RequestDrain("signal");
            return;
        }

        _control.RequestStop("signal");
        // The simulation ends with its current tick; when even that does not come, nothing is left to wait for.
        new Thread(() =>
        {
            Thread.Sleep(PatienceAfterSecond);
            _giveUp();
        })
        { IsBackground = true }.Start();
        ServerLog.StoppingAtOnce(_log);
    }
}
