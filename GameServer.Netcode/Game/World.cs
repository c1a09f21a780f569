using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Game;

/// <summary>All state of a game: components in stable slots, singletons, players, the source of chance.</summary>
/// <remarks>Owner: simulation thread. Capacities are fixed by the schema. Allocates: only at start.</remarks>
public sealed class World
{
    private readonly byte[][] _components;
    private readonly EntityMeta[] _meta;
    private readonly SlotQueue[] _freeSlots;
    private readonly List<int>[] _ownedSlots;
    private DeterministicRandom _random;

    internal World(Schema schema, int playersMax, ulong seed, SecretRandom? secret = null)
    {
        Schema = schema;
        Players = new PlayerTable(playersMax);
        Commands = schema.CreateCommandQueues();
        Counters = new GameCounters(schema);
        _random = DeterministicRandom.From(seed, 0);
        SecretRandom = secret ?? SecretRandom.Of(seed);
        _meta = new EntityMeta[schema.SlotCount];
        Alive = new SlotSet(schema.SlotCount);
        OwnerChanged = new SlotSet(schema.SlotCount);
        _components = new byte[schema.Kinds.Length][];
        _freeSlots = new SlotQueue[schema.Kinds.Length];
        _ownedSlots = new List<int>[playersMax];
        for (int i = 0; i < playersMax; i++)
        {
            _ownedSlots[i] = new List<int>(Limits.OwnedEntitiesMax);
        }

        for (int k = 0; k < schema.Kinds.Length; k++)
        {
            KindSchema kind = schema.Kinds[k];
            _components[k] = new byte[kind.Capacity * kind.SizeBytes];
            ComponentBytesTotal += _components[k].Length;
            _freeSlots[k] = new SlotQueue(kind.FirstSlot, kind.Capacity);
            if (kind.IsSingleton)
            {
                _freeSlots[k].TryTake(default, out int slot);
                _meta[slot] = new EntityMeta { Generation = 1, IsAlive = true };
                Alive.Add(slot);
                EntityCount++;
            }
        }
    }

    /// <summary>What is known of an entity besides its component.</summary>
    internal struct EntityMeta
    {
        public ushort Generation;
        public bool IsAlive;
        public byte Teleports;
        public byte SpawnOrdinal;
        public bool HasTeleported;
        public Tick TeleportTick;
        public PlayerId Owner;
        public Tick SpawnTick;
        public Tick ExternalTick;
        public bool HasExternal;
    }

    /// <summary>What the game declared.</summary>
    public Schema Schema { get; }

    /// <summary>Who is in the room.</summary>
    public PlayerTable Players { get; }

    /// <summary>What did not fit or was out of range, by what the game declared.</summary>
    public GameCounters Counters { get; }

    /// <summary>The tick being simulated.</summary>
    public Tick Tick { get; internal set; }

    /// <summary>Living entities, singletons included.</summary>
    public int EntityCount { get; private set; }

    internal SlotSet Alive { get; }

    /// <summary>Slots whose entity was given to somebody else since the room last told its clients.</summary>
    internal SlotSet OwnerChanged { get; }

    internal long MatchesEnded { get; set; }

    internal CommandQueue[] Commands { get; }

    internal ref DeterministicRandom Random => ref _random;

    internal SecretRandom SecretRandom { get; }

    internal int ComponentBytesTotal { get; }

    internal byte NextRuleOrdinal { get; set; }

    /// <summary>All entities of a kind.</summary>
    public Entities<T> Of<T>(EntityKind<T> kind)
        where T : unmanaged => new(this, Schema.Kinds[Schema.IndexOf(kind)]);

    /// <summary>A singleton, to read and write.</summary>
    public ref T Get<T>(SingletonKind<T> kind)
        where T : unmanaged => ref Unsafe.As<byte, T>(ref _components[Schema.IndexOf(kind)][0]);

    /// <summary>True while the entity lives.</summary>
    public bool IsAlive(EntityId id) => !id.IsNone && id.Slot < _meta.Length && _meta[id.Slot].IsAlive && _meta[id.Slot].Generation == id.Generation;

    /// <summary>True when the entity lives and is of this kind.</summary>
    public bool Is<T>(EntityId id, EntityKind<T> kind)
        where T : unmanaged => IsAlive(id) && Schema.KindOfSlot(id.Slot).Index == Schema.IndexOf(kind);

    /// <summary>The component of a living entity, to read and write.</summary>
    /// <exception cref="ArgumentException">The entity is not alive or of another kind.</exception>
    public ref T Get<T>(EntityKind<T> kind, EntityId id)
        where T : unmanaged
    {
        if (!Is(id, kind))
        {
            throw new ArgumentException($"entity {id} is not alive or not a {typeof(T).Name}", nameof(id));
        }

        return ref Unsafe.As<byte, T>(ref Component(id.Slot));
    }

    /// <summary>Owner of a living entity, or nobody.</summary>
    public PlayerId OwnerOf(EntityId id) => IsAlive(id) ? _meta[id.Slot].Owner : PlayerId.None;

    /// <summary>Creates an entity; an owned one takes its first step in the next tick. None when the kind is full, or its owner has <see cref="Limits.OwnedEntitiesMax"/> already.</summary>
    /// <exception cref="ArgumentException">The room has no such seat.</exception>
    public EntityId Spawn<T>(EntityKind<T> kind, T component, PlayerId owner = default)
        where T : unmanaged => Spawn(Schema.IndexOf(kind), ref Unsafe.As<T, byte>(ref component), owner, (byte)(128 + (NextRuleOrdinal++ & 127)));

    /// <summary>Ends an entity; ending one that is gone does nothing.</summary>
    public void Despawn(EntityId id)
    {
        if (!IsAlive(id) || Schema.KindOfSlot(id.Slot).IsSingleton)
        {
            return;
        }

        ref EntityMeta meta = ref _meta[id.Slot];
        meta.IsAlive = false;
        Alive.Remove(id.Slot);
        EntityCount--;
        if (!meta.Owner.IsNone)
        {
            _ownedSlots[meta.Owner.Index].Remove(id.Slot);
        }

        _freeSlots[Schema.KindOfSlot(id.Slot).Index].Return(id.Slot, Tick);
    }

    /// <summary>Gives an entity to another player, or to nobody; false when it is not alive, or that player owns <see cref="Limits.OwnedEntitiesMax"/> already.</summary>
    /// <exception cref="ArgumentException">The room has no such seat.</exception>
    public bool SetOwner(EntityId id, PlayerId owner)
    {
        if (!IsAlive(id))
        {
            return false;
        }

        if (_meta[id.Slot].Owner == owner)
        {
            return true;
        }

        if (!MayOwnOneMore(owner))
        {
            Counters.Add(GameCount.OwnerFull, Schema.KindOfSlot(id.Slot).Index);
            return false;
        }

        ref EntityMeta meta = ref _meta[id.Slot];
        if (!meta.Owner.IsNone)
        {
            _ownedSlots[meta.Owner.Index].Remove(id.Slot);
        }

        meta.Owner = owner;
        OwnerChanged.Add(id.Slot);
        if (!owner.IsNone)
        {
            AddOwned(owner, id.Slot);
        }

        return true;
    }

    /// <summary>Says that an entity jumped: nobody interpolates or rewinds across this tick.</summary>
    public void Teleport(EntityId id)
    {
        if (IsAlive(id) && !(_meta[id.Slot].HasTeleported && _meta[id.Slot].TeleportTick == Tick))
        {
            _meta[id.Slot].Teleports++;
            _meta[id.Slot].HasTeleported = true;
            _meta[id.Slot].TeleportTick = Tick;
        }
    }

    internal ref EntityMeta Meta(int slot) => ref _meta[slot];

    internal ref byte Component(int slot)
    {
        KindSchema kind = Schema.KindOfSlot(slot);
        return ref _components[kind.Index][(slot - kind.FirstSlot) * kind.SizeBytes];
    }

    internal Span<byte> ComponentBytes(int slot)
    {
        KindSchema kind = Schema.KindOfSlot(slot);
        return _components[kind.Index].AsSpan((slot - kind.FirstSlot) * kind.SizeBytes, kind.SizeBytes);
    }

    internal EntityId IdOf(int slot) => new(slot, _meta[slot].Generation);

    internal List<int> OwnedSlots(PlayerId player) => _ownedSlots[player.Index];

    internal EntityId Spawn(int kindIndex, ref byte component, PlayerId owner, byte ordinal)
    {
        if (!MayOwnOneMore(owner))
        {
            Counters.Add(GameCount.OwnerFull, kindIndex);
            return EntityId.None;
        }

        if (!_freeSlots[kindIndex].TryTake(Tick, out int slot))
        {
            Counters.Add(ordinal < Limits.SpawnsPerTickMax ? GameCount.PredictedSpawnRefused : GameCount.SpawnRefused, kindIndex);
            return EntityId.None;
        }

        EntityCount++;
        ref EntityMeta meta = ref _meta[slot];
        ushort generation = (ushort)(meta.Generation + 1);
        meta = new EntityMeta
        {
            Generation = generation == 0 ? (ushort)1 : generation,
            IsAlive = true,
            Owner = owner,
            SpawnTick = Tick,
            SpawnOrdinal = ordinal,
            Teleports = meta.Teleports,
        };
        Alive.Add(slot);
        Unsafe.CopyBlockUnaligned(ref Component(slot), ref component, (uint)Schema.Kinds[kindIndex].SizeBytes);
        if (!owner.IsNone)
        {
            AddOwned(owner, slot);
        }

        return IdOf(slot);
    }

    // In the order in which a client steps them too: by tick and ordinal of the spawn, whoever owned them before; the slot settles what the rules made too many of.
    private void AddOwned(PlayerId owner, int slot)
    {
        List<int> slots = _ownedSlots[owner.Index];
        int index = slots.Count;
        while (index > 0 && IsBefore(slot, slots[index - 1]))
        {
            index--;
        }

        slots.Insert(index, slot);
    }

    private bool IsBefore(int slot, int other)
    {
        int byTick = _meta[slot].SpawnTick - _meta[other].SpawnTick;
        int byOrdinal = _meta[slot].SpawnOrdinal - _meta[other].SpawnOrdinal;
        return byTick != 0 ? byTick < 0 : byOrdinal != 0 ? byOrdinal < 0 : slot < other;
    }

    private bool MayOwnOneMore(PlayerId owner)
    {
        if (owner.IsNone)
        {
            return true;
        }

        Players.CheckSeat(owner, nameof(owner));
        return _ownedSlots[owner.Index].Count < Limits.OwnedEntitiesMax;
    }

    internal bool TryGetPosition(EntityId id, out Vector3 position)
    {
        position = default;
        return IsAlive(id) && TryGetPosition(id.Slot, out position);
    }

    internal bool TryGetPosition(int slot, out Vector3 position)
    {
        int offset = Schema.KindOfSlot(slot).PositionOffset;
        position = offset >= 0 ? Unsafe.As<byte, Vector3>(ref Unsafe.Add(ref Component(slot), offset)) : default;
        return offset >= 0;
    }

    /// <summary>The rules have executed what was posted; what did not fit is counted.</summary>
    internal void ClearCommands()
    {
        for (int i = 0; i < Commands.Length; i++)
        {
            for (; Commands[i].Refused > 0; Commands[i].Refused--)
            {
                Counters.Add(GameCount.CommandDropped, i);
            }

            Commands[i].Clear();
        }
    }

    /// <summary>Hash of everything that the next tick depends on.</summary>
    internal ulong Hash()
    {
        ulong hash = StateHash.Of(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref _random, 1)));
        hash = StateHash.Append(hash, SecretRandom.Drawn);
        for (int slot = 0; slot < _meta.Length; slot++)
        {
            if (_meta[slot].IsAlive)
            {
                ref EntityMeta meta = ref _meta[slot];
                hash = StateHash.Append(hash, ((ulong)slot << 32) | ((ulong)meta.Teleports << 16) | meta.Generation);
                hash = StateHash.Append(hash, ((ulong)meta.SpawnTick.Value << 32) | (uint)meta.Owner.Index);
                hash = StateHash.Append(hash, StateHash.Of(ComponentBytes(slot)));
            }
        }

        return hash;
    }

    /// <summary>Free slots of one kind, each with the tick it was freed: reused first in, first out, and not before <see cref="Limits.SlotReuseTicks"/>.</summary>
    private sealed class SlotQueue
    {
        private readonly int[] _slots;
        private readonly Tick[] _freedAt;
        private int _head;
        private int _count;
        private int _neverUsed;

        public SlotQueue(int firstSlot, int capacity)
        {
            _slots = new int[capacity];
            _freedAt = new Tick[capacity];
            for (int i = 0; i < capacity; i++)
            {
                _slots[i] = firstSlot + i;
            }

            _count = capacity;
            _neverUsed = capacity;
        }

        public bool TryTake(Tick now, out int slot)
        {
            slot = 0;
            if (_count == 0 || (_neverUsed == 0 && (uint)(now - _freedAt[_head]) < Limits.SlotReuseTicks))
            {
                return false;
            }

            _neverUsed = Math.Max(0, _neverUsed - 1);
            slot = _slots[_head];
            _head = (_head + 1) % _slots.Length;
            _count--;
            return true;
        }

        public void Return(int slot, Tick now)
        {
            int tail = (_head + _count++) % _slots.Length;
            _slots[tail] = slot;
            _freedAt[tail] = now;
        }
    }
}
