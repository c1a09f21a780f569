using System.Runtime.InteropServices;
using GameServer.Operations.Logging;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations;

/// <summary>SIGTERM and SIGINT drain, a second one ends at once; SIGHUP reloads.</summary>
/// <remarks>.NET 10 has no handler for SIGTERM of its own: without this the process would die on the spot with 143.</remarks>
internal sealed class ProcessSignals : IDisposable
{
    private static readonly TimeSpan PatienceAfterSecond = TimeSpan.FromSeconds(3);
    private readonly EndSignals _ends;
    private readonly PosixSignalRegistration _hangUp;
    private readonly SpareThreads _spares;
    private readonly ServerControl _control;
    private readonly Action _giveUp;
    private readonly ILogger _log;
    private int _count;

    public ProcessSignals(ServerControl control, SpareThreads spares, Action reload, Action giveUp, ILogger log)
    {
        (_control, _spares, _giveUp, _log) = (control, spares, giveUp, log);
        _hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            reload();
        });
        _ends = new EndSignals(End);
    }

    public void Dispose()
    {
        _ends.Dispose();
        _hangUp.Dispose();
    }

    private void End()
    {
        _control.NoteSignal();
        if (++_count == 1)
        {
            _control.RequestDrain("signal");
            return;
        }

        _control.RequestStop("signal");
        ServerLog.StoppingAtOnce(_log);
        if (_count == 2)
        {
            // The simulation ends with its current tick; when even that does not come, nothing is left to wait for.
            _spares.Run(() =>
            {
                Thread.Sleep(PatienceAfterSecond);
                _giveUp();
            });
        }
    }
}
