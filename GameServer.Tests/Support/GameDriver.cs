using System.Runtime.CompilerServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Support;

/// <summary>Runs a game without network: per tick the steps of every owned entity, then the rules. Rays hit the world as it is.</summary>
internal sealed class GameDriver<TInput> : IEventSink
    where TInput : unmanaged
{
    private readonly Game<TInput> _game;
    private readonly DriverScope _scope;
    private readonly TInput[] _inputs;
    private readonly List<int> _slots = [];

    public GameDriver(Game<TInput> game, int tickRate = 60, int players = 16, ulong seed = 1, uint startTick = 1000)
    {
        _game = game;
        game.CheckStateless();
        DeltaSeconds = 1f / tickRate;
        TickRate = tickRate;
        Seed = seed;
        World = new World(GameSchema<TInput>.Of(game), players, seed) { Tick = new Tick(startTick) };
        _scope = new DriverScope(this);
        _inputs = new TInput[players];
        game.Start(Context());
    }

    public World World { get; }

    public int TickRate { get; }

    public float DeltaSeconds { get; }

    public ulong Seed { get; }

    /// <summary>When set, every step runs twice from the same state and the bytes must agree.</summary>
    public bool SyncTest { get; init; }

    /// <summary>Events by index, since the last call of <see cref="Run"/>.</summary>
    public List<(int Index, byte[] Value)> Events { get; } = [];

    public PlayerId Join(string name = "")
    {
        int seat = 0;
        while (World.Players.IsTaken(new PlayerId(seat)))
        {
            seat++;
        }

        var player = new PlayerId(seat);
        World.Players.Take(player, name, spectator: false);
        _game.PlayerJoined(Context(), player);
        return player;
    }

    public void Leave(PlayerId player)
    {
        _game.PlayerLeft(Context(), player);
        foreach (int slot in World.OwnedSlots(player).ToArray())
        {
            World.Despawn(World.IdOf(slot));
        }

        World.Players.Free(player);
    }

    /// <summary>The input that a player gives from the next tick on.</summary>
    public ref TInput Input(PlayerId player) => ref _inputs[player.Index];

    /// <summary>Events of one kind since the last call of <see cref="Run"/>.</summary>
    public List<T> EventsOf<T>(EventKind<T> kind)
        where T : unmanaged =>
        [.. Events.Where(e => e.Index == kind.Index).Select(e => Unsafe.ReadUnaligned<T>(ref e.Value[0]))];

    public void Run(int ticks = 1)
    {
        Events.Clear();
        for (int i = 0; i < ticks; i++)
        {
            RunTick();
        }
    }

    public void Emit(int eventIndex, ref byte value)
    {
        byte[] bytes = new byte[World.Schema.Events[eventIndex].SizeBytes];
        Unsafe.CopyBlockUnaligned(ref bytes[0], ref value, (uint)bytes.Length);
        Events.Add((eventIndex, bytes));
    }

    private TickContext Context() => new(World, this, World.Tick, DeltaSeconds);

    private void RunTick()
    {
        World.Tick += 1;
        World.NextRuleOrdinal = 0;
        for (int seat = 0; seat < _inputs.Length; seat++)
        {
            var player = new PlayerId(seat);
            _slots.Clear();
            _slots.AddRange(World.OwnedSlots(player));
            foreach (int slot in _slots)
            {
                if (World.Meta(slot).SpawnTick < World.Tick && World.Schema.KindOfSlot(slot).HasStep)
                {
                    Step(slot, player);
                }
            }
        }

        _game.Tick(Context());
        foreach (CommandQueue queue in World.Commands)
        {
            queue.Clear();
        }
    }

    private void Step(int slot, PlayerId player)
    {
        KindSchema kind = World.Schema.KindOfSlot(slot);
        byte[] before = World.ComponentBytes(slot).ToArray();
        _scope.Begin(World.IdOf(slot), player, isRepeat: false);
        RunStep(kind, ref World.Component(slot), player);
        if (SyncTest)
        {
            _scope.Begin(World.IdOf(slot), player, isRepeat: true);
            RunStep(kind, ref before[0], player);
            Assert.That(before.AsSpan().SequenceEqual(World.ComponentBytes(slot)), Is.True, "a step from the same state gave other bytes");
        }

        _scope.End();
    }

    private void RunStep(KindSchema kind, ref byte component, PlayerId player)
    {
        var context = new StepContext(_scope, World.Tick, DeltaSeconds, _scope.Self, player);
        kind.RunStep(ref component, ref Unsafe.As<TInput, byte>(ref _inputs[player.Index]), in context);
    }

    private sealed class DriverScope : StepScope
    {
        private readonly GameDriver<TInput> _driver;
        private readonly PresentView _view;
        private PlayerId _player;
        private bool _isRepeat;
        private bool _despawns;
        private byte _ordinal;

        public DriverScope(GameDriver<TInput> driver)
        {
            _driver = driver;
            _view = new PresentView(driver.World);
        }

        public EntityId Self { get; private set; }

        public override View View => _view;

        public override Schema Schema => _driver.World.Schema;

        public override CommandQueue[]? Commands => _isRepeat ? null : _driver.World.Commands;

        public void Begin(EntityId self, PlayerId player, bool isRepeat)
        {
            Self = self;
            _player = player;
            _isRepeat = isRepeat;
            _view.Shooter = player;
        }

        public void End()
        {
            if (_despawns)
            {
                _driver.World.Despawn(Self);
                _despawns = false;
            }
        }

        public override DeterministicRandom Random(Tick tick, PlayerId owner) =>
            DeterministicRandom.From(_driver.Seed, tick.Value, (ulong)owner.Index);

        public override void Spawn(int kindIndex, ref byte component)
        {
            if (!_isRepeat)
            {
                _driver.World.Spawn(kindIndex, ref component, _player, _ordinal++);
            }
        }

        public override void Emit(int eventIndex, ref byte value)
        {
            if (!_isRepeat)
            {
                _driver.Emit(eventIndex, ref value);
            }
        }

        public override void DespawnSelf() => _despawns |= !_isRepeat;

        public override ReadOnlySpan<byte> Singleton(int kindIndex) =>
            _driver.World.ComponentBytes(_driver.World.Schema.Kinds[kindIndex].FirstSlot);
    }
}
