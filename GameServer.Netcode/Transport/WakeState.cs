namespace GameServer.Netcode.Transport;

/// <summary>Who must ring the bell: lets a waker skip the system call while the owner is awake.</summary>
/// <remarks>Owner: the waiting thread, but for <see cref="MustSignal"/>.</remarks>
internal struct WakeState
{
    private const int Awake = 0;
    private const int Asleep = 1;
    private const int Woken = 2;

    private int _state;

    /// <summary>Called before sleeping; false when a wake is pending, which it consumes.</summary>
    public bool TrySleep()
    {
        // Full fences here and in MustSignal: either the waker sees Asleep and signals, or the owner sees Woken and what was published before it.
        if (Interlocked.CompareExchange(ref _state, Asleep, Awake) == Awake)
        {
            return true;
        }

        Interlocked.Exchange(ref _state, Awake);
        return false;
    }

    /// <summary>Called after sleeping, before the owner looks at what it was woken for.</summary>
    public void Rise() => Interlocked.Exchange(ref _state, Awake);

    /// <summary>Called by any thread after it published something; true when the owner sleeps and this caller must signal it.</summary>
    public bool MustSignal() => Interlocked.Exchange(ref _state, Woken) == Asleep;
}
