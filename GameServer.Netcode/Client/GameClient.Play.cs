using System.Runtime.CompilerServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;
using GameServer.Netcode.Transport;

namespace GameServer.Netcode.Client;

// The match: reconcile, sample, predict, send inputs, report.
public sealed partial class GameClient<TInput>
{
    private void Play(long nowMicros, InputSampler<TInput>? sample)
    {
        _clock.Advance(nowMicros);
        AdvanceView(nowMicros);
        Tick newest = _reader.HasNewest ? _reader.Newest.Tick : default;
        if (_reader.HasNewest)
        {
            _clock.KeepAheadOf(newest);
            DropLeftBehind(_others);
            DropLeftBehind(_ownedBefore);
        }

        if (!_options.IsSpectator)
        {
            _clock.KeepWithin(_reader.HasNewest ? newest : Welcome.Tick);
            Stats.TicksBeyondHistory = _clock.TicksHeld;
        }

        if (_reader.HasNewest)
        {
            _predictor.Reconcile(_reader, nowMicros - _lastUpdateMicros);
        }

        ViewStamp stamp = _viewClock.IsRunning ? StampOf(newest) : default;
        SampleInput(sample);
        bool ran = RunTicks(in stamp);
        if (ran || nowMicros - _inputsSentMicros > 2_000_000 / Welcome.TickRateHz)
        {
            _inputsSentMicros = nowMicros; // a clock that stands still acknowledges all the same
            SendInputs(nowMicros);
        }

        _predictor.Smooth((nowMicros - _lastUpdateMicros) / 1000.0);
        View.Show(in stamp, (float)_clock.Fraction, _options.ExtrapolationTicksMax);
        UpdateStats();
        UpdateRewind(in stamp);
        Report(nowMicros);
    }

    // Of the snapshots that wait for an update only the newest is worth a time: what came before it was not on screen either way.
    private void AdvanceView(long nowMicros)
    {
        if (_hasSnapshot)
        {
            _viewClock.OnSnapshot(_reader.Newest.Tick, (int)Math.Min(_reader.Lost - _lostBefore, int.MaxValue), _snapshotArrivedMicros);
            _lostBefore = _reader.Lost;
            _hasSnapshot = false;
        }

        _viewClock.Advance(nowMicros);
    }

    // While no snapshots come, the view runs on; a stamp must stay one that the wire can carry.
    private ViewStamp StampOf(Tick newest) => _viewClock.Tick - newest < ViewAheadTicksMax
        ? new ViewStamp(_viewClock.Tick, _viewClock.Fraction, newest)
        : new ViewStamp(newest + ViewAheadTicksMax, 0, newest);

    private void SampleInput(InputSampler<TInput>? sample)
    {
        sample?.Invoke(ref _input);
        if (_schema.ButtonsOffset >= 0)
        {
            _presses.Sample(ref Unsafe.As<byte, Buttons>(ref Unsafe.Add(ref Unsafe.As<TInput, byte>(ref _input), _schema.ButtonsOffset)));
        }
    }

    private bool RunTicks(in ViewStamp stamp)
    {
        Tick due = _clock.Now;
        Tick last = _predictor.Current;
        if (!_hasTick || due - last > TicksPerUpdateMax)
        {
            _predictor.SkipTo(due - 1); // the process slept: the server has made up these inputs
            last = due - 1;
            _hasTick = true;
        }

        if (due <= last || _options.IsSpectator)
        {
            if (due > last)
            {
                _predictor.SkipTo(due);
            }

            return due > last;
        }

        for (Tick tick = last + 1; tick <= due; tick += 1)
        {
            TInput input = _input;
            if (_schema.ButtonsOffset >= 0)
            {
                Unsafe.As<byte, Buttons>(ref Unsafe.Add(ref Unsafe.As<TInput, byte>(ref input), _schema.ButtonsOffset)).Pressed = _presses.Take();
            }

            // Before the first snapshot there is nothing to look at.
            _history.Add(tick, ref Unsafe.As<TInput, byte>(ref input), _viewClock.IsRunning ? stamp : new ViewStamp(tick, 0, tick));
            _clock.InputSent(tick);
            _predictor.Predict(tick);
        }

        return true;
    }

    private void SendInputs(long nowMicros)
    {
        _packet.Clear();
        _packet.HasAck = _reader.HasNewest;
        _packet.AckSequence = _reader.AckSequence;
        _packet.AckBits = _reader.AckHistory;
        if (!_options.IsSpectator && _reader.HasNewest)
        {
            AddInputs(nowMicros);
        }

        int size;
        Span<byte> destination = _message.AsSpan(0, Limits.InputPacketBytesMax);
        while ((size = _packet.Write(destination)) == 0 && _packet.Count > 1)
        {
            _packet.RemoveOldest((_packet.Count + 3) / 4);
        }

        if (size > 0)
        {
            SendUnreliable(size);
        }
    }

    private void AddInputs(long nowMicros)
    {
        Tick newest = _predictor.Current;
        SnapshotHeader header = _reader.Newest;
        Tick from = header.HasInputs && header.InputAck > header.Tick ? header.InputAck + 1 : header.Tick + 1;
        int count = Math.Min(newest - from + 1, Limits.InputsPerPacketMax); // whatever the header says
        for (Tick tick = newest - (count - 1); count > 0; tick += 1, count--)
        {
            if (!_history.Has(tick))
            {
                _packet.Clear(); // ticks that were left out: only what follows them is without a gap
                continue;
            }

            _roundTrip.InputSent(tick, nowMicros);
            _packet.Add(tick, in _history.StampOf(tick), _history.RowOf(tick));
        }
    }

    private void DropLeftBehind(List<EntityReplica> replicas)
    {
        for (int i = replicas.Count - 1; i >= 0; i--)
        {
            EntityReplica replica = replicas[i];
            if (replica.IsRemoved && replica.RemovedAt < _viewClock.Tick - 64)
            {
                replica.Forget();
                replicas.RemoveAt(i);
            }
        }
    }

    private void UpdateStats()
    {
        Stats.SnapshotsReceived = _reader.Received;
        Stats.SnapshotsLost = _reader.Lost;
        Stats.PressesMerged = _history.PressesMerged + _presses.Merged;
        Stats.EventGaps = _reader.Events.Gaps;
        Stats.EventsMissed = _reader.BriefEvents.Gaps;
        Stats.EventsOverflowed = _inbox.Overflows;
        Stats.BaselineMisses = _reader.BaselineMisses;
        Stats.MarginTicks = _clock.MarginTicks;
        Stats.LeadTicks = _reader.HasNewest ? _predictor.Current - _reader.Newest.Tick : 0;
        Stats.InterpolationDelayMillis = _viewClock.DelayTicks * 1000 / Welcome.TickRateHz;
        if (_endpoint is not null && _endpoint.TryGetStats(_peer, out PeerStats stats))
        {
            Stats.RoundTripMillis = stats.RttMicros / 1000.0;
        }
        else if (_sender is not null)
        {
            Stats.RoundTripMillis = _roundTrip.Micros / 1000.0;
        }
    }

    private void UpdateRewind(in ViewStamp stamp)
    {
        if (_viewClock.IsRunning)
        {
            Stats.RewindMillis = ((_predictor.Current - stamp.Tick) - (stamp.Fraction / 256.0)) * 1000 / Welcome.TickRateHz;
            Stats.RewindRoundTripMaxMillis = Math.Max(0, Welcome.MaxRewindMillis - Math.Max(0, Stats.RewindMillis - Stats.RoundTripMillis));
        }
    }

    private void Report(long nowMicros)
    {
        if (nowMicros < _nextReportMicros)
        {
            return;
        }

        _nextReportMicros = nowMicros + 1_000_000;
        var total = new ReportMessage((int)Stats.CorrectionsOwn, (int)Stats.CorrectionsExternal, (int)Stats.CorrectionsStarved, 0, (int)Stats.SnapshotsLost, (int)Stats.SnapshotsReceived, (int)Stats.UnexplainedRollbacks);
        int lost = total.LossPermille - _reported.LossPermille;
        int received = total.RoundTripMillis - _reported.RoundTripMillis;
        var report = new ReportMessage(
            Math.Min(total.Own - _reported.Own, 9999),
            Math.Min(total.External - _reported.External, 9999),
            Math.Min(total.Starved - _reported.Starved, 9999),
            (int)Math.Min(Stats.InterpolationDelayMillis, 59_999),
            lost * 1000 / Math.Max(1, lost + received),
            (int)Math.Min(Stats.RoundTripMillis, 59_999),
            Math.Min(total.Unexplained - _reported.Unexplained, 9999));
        _reported = total;
        SendReliable(report.Write(_message));
    }
}
