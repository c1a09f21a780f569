using System.Runtime.CompilerServices;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Game;

/// <summary>Declares one event.</summary>
public sealed class EventBuilder<T> : TableBuilder<T, EventBuilder<T>>
    where T : unmanaged
{
    private float _keepSeconds = 2;
    private bool _isKept;
    private bool _isReliable;

    internal EventBuilder(string name)
        : base(name)
    {
    }

    /// <summary>How long the event is worth telling, in seconds: a client that it has not reached by then never gets it. 2 s unless said.</summary>
    public EventBuilder<T> KeepFor(float seconds)
    {
        if (!(seconds > 0 && seconds <= 60))
        {
            throw new ArgumentOutOfRangeException(nameof(seconds), seconds, $"event '{Owner}': above 0 and at most 60 s");
        }

        CheckOneLife(_isKept ? "KeepFor is called twice" : _isReliable ? Both : "");
        _isKept = true;
        _keepSeconds = seconds;
        return this;
    }

    /// <summary>Every client within interest gets the event exactly once and in the order of emission, however long that takes; one for which more than <see cref="Limits.EventsInFlightMax"/> wait is ended.</summary>
    public EventBuilder<T> Reliable()
    {
        CheckOneLife(_isKept ? Both : "");
        _isReliable = true;
        _keepSeconds = float.PositiveInfinity;
        return this;
    }

    private const string Both = "Reliable and KeepFor exclude each other: an event is kept until it has arrived, or for a time";

    private void CheckOneLife(string fault)
    {
        Layout.CheckOpen("its life");
        if (fault.Length > 0)
        {
            throw new ArgumentException($"event '{Owner}': {fault}");
        }
    }

    internal EventSchema Complete(object handle, int index)
    {
        Layout.Complete(Limits.ComponentBytesMax);
        return new EventSchema(handle, Owner, index, Unsafe.SizeOf<T>(), new FieldTable([.. Columns]), FirstVectorOffset, _keepSeconds);
    }
}

/// <summary>One event of a complete schema.</summary>
public sealed class EventSchema
{
    internal EventSchema(object handle, string name, int index, int sizeBytes, FieldTable fields, int positionOffset, float keepSeconds)
    {
        Handle = handle;
        KeepSeconds = keepSeconds;
        Name = name;
        Index = index;
        SizeBytes = sizeBytes;
        Fields = fields;
        PositionOffset = positionOffset;
    }

    /// <summary>Name for tools.</summary>
    public string Name { get; }

    /// <summary>Position in the schema.</summary>
    public int Index { get; }

    /// <summary>Seconds after which it is not told any more; infinite for a reliable one.</summary>
    public float KeepSeconds { get; }

    /// <summary>Told until it has arrived, however long that takes.</summary>
    public bool IsReliable => float.IsPositiveInfinity(KeepSeconds);

    internal object Handle { get; }

    /// <summary>Bytes of the struct.</summary>
    public int SizeBytes { get; }

    /// <summary>Its columns.</summary>
    public FieldTable Fields { get; }

    /// <summary>Byte offset of its first vector, by which interest filters it, or −1: everybody is told.</summary>
    internal int PositionOffset { get; }
}
