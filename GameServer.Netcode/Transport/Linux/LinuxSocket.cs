using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GameServer.Netcode.Transport.Linux;

/// <summary>A UDP socket over recvmmsg, sendmmsg and ppoll: one system call moves up to 64 datagrams.</summary>
/// <remarks>Owner: one thread, but for <see cref="Wake"/> and the counters. Arrival times are the kernel's. Allocates: no, after the first use of a batch.</remarks>
internal sealed unsafe class LinuxSocket : IDatagramSocket
{
    private const int RefusedRetriesMax = 4;
    private const long StallRetryMicros = 500;
    private const int ClockLooksMax = 4;
    private const long ClockLookNanos = 2_000;

    private readonly int _family;
    private int _socket;
    private int _event;
    private WakeState _wake;
    private ArrivalClock _arrivals;
    private bool _stalled;
    private uint _lastDrops;
    private long _kernelDrops;
    private long _sendErrors;
    private long _sendStalls;

    private LinuxSocket(OpenedSocket opened)
    {
        _socket = opened.Socket;
        _event = opened.Event;
        _family = opened.Family;
        LocalAddress = opened.LocalAddress;
        ReceiveBufferBytes = opened.ReceiveBufferBytes;
        SendBufferBytes = opened.SendBufferBytes;
        Filter = opened.Filter;
    }

    ~LinuxSocket() => Close();

    /// <summary>True where the layouts of <see cref="Libc"/> hold.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux() && BitConverter.IsLittleEndian
        && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <inheritdoc/>
    public PeerAddress LocalAddress { get; }

    /// <inheritdoc/>
    public long KernelDrops => Volatile.Read(ref _kernelDrops);

    /// <inheritdoc/>
    public long SendErrors => Volatile.Read(ref _sendErrors);

    /// <inheritdoc/>
    public long SendStalls => Volatile.Read(ref _sendStalls);

    /// <inheritdoc/>
    public int ReceiveBufferBytes { get; }

    /// <inheritdoc/>
    public int SendBufferBytes { get; }

    /// <inheritdoc/>
    public SocketFilterState Filter { get; }

    /// <summary>Opens and binds a socket.</summary>
    /// <exception cref="SocketOpenException">The address cannot be had.</exception>
    public static LinuxSocket Open(SocketOptions options) => new(OpenedSocket.Open(options));

    /// <inheritdoc/>
    public int Receive(DatagramBatch batch)
    {
        ReceiveHeaders headers = batch.ReceiveHeaders ??= new ReceiveHeaders(batch);
        long startMicros = SocketClock.Micros;
        int count = ReceiveMessages(headers.First, batch.Capacity);
        if (count > 0)
        {
            Take(batch, headers.First, count);
        }

        if (count < batch.Capacity)
        {
            _arrivals.NoteEmpty(startMicros);
        }

        return count;
    }

    /// <inheritdoc/>
    public int Send(DatagramBatch batch, int start, int count)
    {
        Debug.Assert(start >= 0 && count >= 0 && start + count <= batch.Capacity);
        SendHeaders headers = batch.SendHeaders ??= new SendHeaders(batch);
        headers.Set(batch, start, count, _family);
        _stalled = false;
        MultiMessageHeader* first = headers.First + start;
        int done = 0;
        int refused = 0;
        while (done < count)
        {
            int sent = Libc.SendMessages(_socket, first + done, (uint)(count - done), Libc.MessageDontWait | Libc.MessageNoSignal);
            if (sent > 0)
            {
                done += sent; // when fewer than asked, the next call says why
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Libc.ErrorAgain:
                case Libc.ErrorNoBuffers:
                case Libc.ErrorNoMemory:
                    Volatile.Write(ref _sendStalls, _sendStalls + 1);
                    _stalled = true;
                    return done;
                case Libc.ErrorInterrupted:
                    break;
                case Libc.ErrorConnectionRefused when refused++ < RefusedRetriesMax:
                    break; // the answer to an earlier datagram: this one was not tried
                default:
                    Volatile.Write(ref _sendErrors, _sendErrors + 1);
                    done++;
                    break;
            }
        }

        return done;
    }

    /// <inheritdoc/>
    public void Wait(long timeoutMicros)
    {
        if (!_wake.TrySleep())
        {
            return;
        }

        PollDescriptor* descriptors = stackalloc PollDescriptor[2];
        descriptors[0] = new PollDescriptor { Descriptor = _socket, Events = Libc.PollIn };
        descriptors[1] = new PollDescriptor { Descriptor = _event, Events = Libc.PollIn };
        // Not POLLOUT for a stalled send: short of memory, the socket counts as writable all the time and the wait would become a spin.
        long micros = Math.Max(_stalled ? Math.Min(timeoutMicros, StallRetryMicros) : timeoutMicros, 0);
        var timeout = new TimeSpec { Seconds = micros / 1_000_000, Nanos = micros % 1_000_000 * 1000 };
        int ready = Libc.Poll(descriptors, 2, &timeout, null);
        _wake.Rise();
        if (ready > 0 && descriptors[1].Returned != 0)
        {
            ulong wakes;
            _ = Libc.Read(_event, &wakes, sizeof(ulong)); // back to zero; nobody is lost when it fails, the next wait ends early
        }
    }

    /// <inheritdoc/>
    public void Wake()
    {
        if (_wake.MustSignal())
        {
            ulong one = 1;
            _ = Libc.Write(_event, &one, sizeof(ulong));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    private int ReceiveMessages(MultiMessageHeader* first, int capacity)
    {
        for (int attempt = 0; attempt < RefusedRetriesMax; attempt++)
        {
            int count = Libc.ReceiveMessages(_socket, first, (uint)capacity, Libc.MessageDontWait, null);
            if (count >= 0)
            {
                return count;
            }

            if (Marshal.GetLastPInvokeError() == Libc.ErrorAgain)
            {
                return 0;
            }
        }

        return 0; // interrupted, or errors that wait on the socket: each is reported once and hides no datagram
    }

    private void Take(DatagramBatch batch, MultiMessageHeader* first, int count)
    {
        long nowMicros = SocketClock.Micros;
        if (_arrivals.IsDue(nowMicros))
        {
            SampleClocks();
        }

        int[] lengths = batch.Lengths;
        PeerAddress[] addresses = batch.Addresses;
        long[] arrivals = batch.ArrivalMicros;
        if (ReceiveHeaders.TryReadDrops(first + count - 1, out uint drops))
        {
            // The kernel's counter has 32 bits and wraps; ours goes on.
            Volatile.Write(ref _kernelDrops, _kernelDrops + (drops - _lastDrops));
            _lastDrops = drops;
        }

        for (int i = 0; i < count; i++)
        {
            MultiMessageHeader* message = first + i;
            lengths[i] = (int)message->Length;
            addresses[i] = message->Name->ToPeerAddress();
            arrivals[i] = _arrivals.ToMicros(ReceiveHeaders.ArrivalNanos(message), nowMicros);
            ReceiveHeaders.Reset(message);
        }
    }

    private void SampleClocks()
    {
        // A thread that loses its processor between the two clocks would take that time for their offset: the quickest of a few looks counts.
        TimeSpec real;
        long quickestNanos = long.MaxValue;
        for (int look = 0; look < ClockLooksMax && quickestNanos > ClockLookNanos; look++)
        {
            long before = SocketClock.Nanos;
            _ = Libc.GetTime(Libc.ClockRealtime, &real);
            long tookNanos = SocketClock.Nanos - before;
            if (tookNanos < quickestNanos)
            {
                quickestNanos = tookNanos;
                _arrivals.Sample(real.TotalNanos, before + (tookNanos / 2));
            }
        }
    }

    private void Close()
    {
        int socket = Interlocked.Exchange(ref _socket, -1);
        if (socket >= 0)
        {
            _ = Libc.Close(socket);
            _ = Libc.Close(Interlocked.Exchange(ref _event, -1));
        }
    }
}
