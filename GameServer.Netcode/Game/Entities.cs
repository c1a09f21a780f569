using System.Runtime.CompilerServices;

namespace GameServer.Netcode.Game;

/// <summary>The living entities of one kind: enumerates their ids, and gives each component by reference.</summary>
/// <remarks>Owner: simulation thread. Entities may be spawned and despawned meanwhile; a new one may or may not be met.</remarks>
public readonly struct Entities<T>
    where T : unmanaged
{
    private readonly World _world;
    private readonly KindSchema _kind;

    internal Entities(World world, KindSchema kind)
    {
        _world = world;
        _kind = kind;
    }

    /// <summary>The component of a living entity of this kind, to read and write.</summary>
    /// <exception cref="ArgumentException">The entity is not alive or of another kind.</exception>
    public ref T this[EntityId id]
    {
        get
        {
            if (!_world.IsAlive(id) || _world.Schema.KindOfSlot(id.Slot) != _kind)
            {
                ThrowNotHere(id);
            }

            return ref Unsafe.As<byte, T>(ref _world.Component(id.Slot));
        }
    }

    private static void ThrowNotHere(EntityId id) => throw new ArgumentException($"entity {id} is not alive or not a {typeof(T).Name}", nameof(id));

    /// <summary>Enumerates the ids.</summary>
    public Enumerator GetEnumerator() => new(_world, _kind);

    /// <summary>Walks over the slots of the kind.</summary>
    public struct Enumerator
    {
        private readonly World _world;
        private readonly int _end;
        private int _slot;

        internal Enumerator(World world, KindSchema kind)
        {
            _world = world;
            _slot = kind.FirstSlot - 1;
            _end = kind.FirstSlot + kind.Capacity;
        }

        /// <summary>The entity at hand.</summary>
        public readonly EntityId Current => _world.IdOf(_slot);

        /// <summary>Goes to the next living entity.</summary>
        public bool MoveNext()
        {
            _slot = _world.Alive.NextFrom(_slot + 1, _end);
            return _slot < _end;
        }
    }
}
