using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Inputs;

/// <summary>What a player was looking at when he gave an input.</summary>
public readonly struct ViewStamp
{
    /// <summary>The view tick; <see cref="Fraction"/> further on.</summary>
    public readonly Tick Tick;

    /// <summary>The newest snapshot that the client had.</summary>
    public readonly Tick Newest;

    /// <summary>Part of a tick, in 1/256.</summary>
    public readonly byte Fraction;

    /// <summary>A stamp of its parts.</summary>
    public ViewStamp(Tick tick, byte fraction, Tick newest)
    {
        Tick = tick;
        Fraction = fraction;
        Newest = newest;
    }

    /// <summary>Age of the view against the newest snapshot, in 1/256 ticks; negative when the view runs ahead of it.</summary>
    internal int AgeParts => ((Newest - Tick) * 256) - Fraction;

    /// <summary>The stamp with a view <paramref name="ageParts"/> / 256 ticks behind <paramref name="newest"/>.</summary>
    internal static ViewStamp FromAge(Tick newest, int ageParts)
    {
        int parts = -ageParts;
        return new ViewStamp(newest + (parts >> 8), (byte)(parts & 255), newest);
    }
}
