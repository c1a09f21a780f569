using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;

namespace GameServer.Netcode.Server;

/// <summary>Finds which players' entities the game changes by anything but their own steps, so that clients do not take the difference for a misprediction of theirs.</summary>
/// <remarks>
/// That is the rules in every tick, and the hooks for players who come, go or speak, which run between two ticks. Owner: simulation thread. Allocates: only at start.
/// </remarks>
internal sealed class OutsideChanges(World world, SessionTable sessions)
{
    private readonly byte[] _copies = new byte[world.ComponentBytesTotal];
    private readonly List<int> _slots = new(Limits.EntitiesMax);
    private bool _isWatching;

    /// <summary>Remembers all entities of players, unless they are remembered already.</summary>
    public void Begin()
    {
        if (_isWatching)
        {
            return;
        }

        _isWatching = true;
        _slots.Clear();
        int bytes = 0;
        foreach (Session session in sessions.Joined)
        {
            foreach (int slot in world.OwnedSlots(session.Player))
            {
                _slots.Add(slot);
                Span<byte> component = world.ComponentBytes(slot);
                component.CopyTo(_copies.AsSpan(bytes));
                bytes += component.Length;
            }
        }
    }

    /// <summary>Marks what has changed since then, or all of it; nothing when nothing was remembered.</summary>
    /// <param name="tick">The first tick whose state differs.</param>
    /// <param name="isAll">All count as changed.</param>
    public void End(Tick tick, bool isAll)
    {
        if (!_isWatching)
        {
            return;
        }

        // Entities may have come, gone and been given away meanwhile: they are compared by the slots as they were before.
        _isWatching = false;
        int bytes = 0;
        foreach (int slot in _slots)
        {
            Span<byte> component = world.ComponentBytes(slot);
            ref World.EntityMeta meta = ref world.Meta(slot);
            if (isAll || !component.SequenceEqual(_copies.AsSpan(bytes, component.Length)))
            {
                meta.HasExternal = true;
                meta.ExternalTick = tick;
            }
            else
            {
                meta.HasExternal &= (uint)(tick - meta.ExternalTick) <= SnapshotHeader.StarvedAgeMax; // told no more, and never again after a wrap
            }

            bytes += component.Length;
        }
    }
}
