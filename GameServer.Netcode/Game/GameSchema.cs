using System.Runtime.CompilerServices;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Game;

/// <summary>Everything that a game declared, complete and immutable: what codecs, worlds and tools go by.</summary>
public abstract class Schema
{
    private protected readonly List<KindSchema> KindList = [];
    private protected readonly List<EventSchema> EventList = [];
    private protected readonly List<(object Handle, string Name, Func<CommandQueue> Create)> CommandQueues = [];

    private KindSchema[] _kinds = [];
    private EventSchema[] _events = [];
    private KindSchema[] _kindOfSlot = [];

    /// <summary>Entity kinds and singletons, in the order of declaration.</summary>
    public ReadOnlySpan<KindSchema> Kinds => _kinds;

    /// <summary>Events, in the order of declaration.</summary>
    public ReadOnlySpan<EventSchema> Events => _events;

    /// <summary>The columns of an input.</summary>
    public FieldTable Input { get; private protected set; } = null!;

    /// <summary>Slots of all kinds together.</summary>
    public int SlotCount { get; private set; }

    /// <summary>Distance at which an entity comes into a player's interest, in units of the world.</summary>
    public float InterestEnter { get; private protected set; } = float.PositiveInfinity;

    /// <summary>Distance at which it goes out again.</summary>
    public float InterestLeave { get; private protected set; } = float.PositiveInfinity;

    /// <summary>Says what a wall hides from a shooter; null: hits in the past ask nobody.</summary>
    public SightTest? Sight { get; private protected set; }

    /// <summary>How long a target that was hit in the past may have been out of sight, in milliseconds; the shooter's round trip, when that is longer.</summary>
    public int SightGraceMillis { get; private protected set; }

    /// <summary>Identity of the declarations: client and server must have the same.</summary>
    public ulong Hash { get; private set; }

    /// <summary>The same in words.</summary>
    internal Declarations Declarations { get; private set; } = null!;

    /// <summary>The schema message, which is the same for every client.</summary>
    internal byte[] Message { get; private set; } = [];

    internal abstract int InputBytes { get; }

    internal int ButtonsOffset { get; private protected set; } = -1;

    internal int ColumnCount { get; private set; }

    internal int ComponentBytesMax { get; private set; }

    internal string[] CommandNames => CommandQueues.ConvertAll(static c => c.Name).ToArray();

    internal int IndexOf<T>(EntityKind<T> kind)
        where T : unmanaged => kind is not null && Has(kind, kind.Index) ? kind.Index : FindKind(kind, $"EntityKind<{typeof(T).Name}>", "DefineEntity");

    internal int IndexOf<T>(SingletonKind<T> kind)
        where T : unmanaged => kind is not null && Has(kind, kind.Index) ? kind.Index : FindKind(kind, $"SingletonKind<{typeof(T).Name}>", "DefineSingleton");

    internal int IndexOf<T>(EventKind<T> kind)
        where T : unmanaged => kind is not null && (uint)kind.Index < (uint)_events.Length && ReferenceEquals(_events[kind.Index].Handle, kind)
            ? kind.Index
            : FindEvent(kind, $"EventKind<{typeof(T).Name}>");

    internal int IndexOf<T>(CommandKind<T> kind)
        where T : unmanaged => kind is not null && (uint)kind.Index < (uint)CommandQueues.Count && ReferenceEquals(CommandQueues[kind.Index].Handle, kind)
            ? kind.Index
            : FindCommand(kind, $"CommandKind<{typeof(T).Name}>");

    private bool Has(object handle, int index) => (uint)index < (uint)_kinds.Length && ReferenceEquals(_kinds[index].Handle, handle);

    // Another game of the process may have declared the handle at another place; the search is for that and for the error.
    private int FindKind(object? handle, string what, string method) => Found(handle, Array.FindIndex(_kinds, k => ReferenceEquals(k.Handle, handle)), what, method);

    private int FindEvent(object? handle, string what) => Found(handle, Array.FindIndex(_events, e => ReferenceEquals(e.Handle, handle)), what, "DefineEvent");

    private int FindCommand(object? handle, string what) => Found(handle, CommandQueues.FindIndex(c => ReferenceEquals(c.Handle, handle)), what, "DefineCommand");

    private static int Found(object? kind, int index, string what, string method) => kind is null
        ? throw new ArgumentNullException(nameof(kind), $"the {what} is null: make a handle, and call schema.{method} with it in Define")
        : index >= 0 ? index
        : throw new InvalidOperationException($"this {what} is not declared by the game: call schema.{method} with this handle in Define");

    internal KindSchema KindOfSlot(int slot) => _kindOfSlot[slot];

    internal CommandQueue[] CreateCommandQueues()
    {
        var queues = new CommandQueue[CommandQueues.Count];
        for (int i = 0; i < queues.Length; i++)
        {
            queues[i] = CommandQueues[i].Create();
        }

        return queues;
    }

    private protected bool IsComplete { get; private set; }

    private protected void Complete()
    {
        IsComplete = true;
        _kinds = [.. KindList];
        _events = [.. EventList];
        int slot = 0;
        int column = 0;
        foreach (KindSchema kind in KindList)
        {
            kind.FirstSlot = slot;
            kind.FirstColumn = column;
            slot += kind.Capacity;
            column += kind.Capacity * kind.Seen.Count;
            ComponentBytesMax = Math.Max(ComponentBytesMax, kind.SizeBytes);
        }

        if (slot > Limits.EntitiesMax)
        {
            throw new ArgumentException($"the capacities of all entity kinds add up to {slot}, at most {Limits.EntitiesMax} are allowed");
        }

        SlotCount = slot;
        ColumnCount = column;
        _kindOfSlot = new KindSchema[slot];
        foreach (KindSchema kind in KindList)
        {
            _kindOfSlot.AsSpan(kind.FirstSlot, kind.Capacity).Fill(kind);
        }

        Declarations = new Declarations(this);
        Hash = Declarations.Hash;
        Message = SchemaMessage.Of(this);
    }
}

/// <summary>Where a game declares its input, entities, commands and events.</summary>
/// <typeparam name="TInput">What a player does in one tick.</typeparam>
public sealed class GameSchema<TInput> : Schema
    where TInput : unmanaged
{
    private bool _hasInterest;

    private GameSchema()
    {
    }

    internal override int InputBytes => Unsafe.SizeOf<TInput>();

    /// <summary>Runs <see cref="Game{TInput}.Define"/> and checks what it declared.</summary>
    /// <exception cref="ArgumentException">A declaration is wrong; the message names it.</exception>
    public static GameSchema<TInput> Of(Game<TInput> game)
    {
        Argument.Given(game, nameof(game), "give a game");
        DeclaredName.Check(game.Name, $"{game.GetType().Name}.Name", Limits.GameNameCharsMax);
        var schema = new GameSchema<TInput>();
        game.Define(schema);
        if (schema.Input is null)
        {
            throw new ArgumentException("the game declares no input: call schema.DefineInput in Define");
        }

        schema.Complete();
        return schema;
    }

    /// <summary>Declares the columns of the input; every byte of <typeparamref name="TInput"/> must be declared.</summary>
    public void DefineInput(Action<InputBuilder<TInput>> build)
    {
        CheckOpen("the input");
        Argument.Given(build, nameof(build), "the input: give a builder that declares its fields");
        if (Input is not null)
        {
            throw new ArgumentException("the input is declared twice: call schema.DefineInput once in Define");
        }

        var builder = new InputBuilder<TInput>();
        build(builder);
        Input = builder.Complete();
        ButtonsOffset = builder.ButtonsOffset;
    }

    /// <summary>Declares an entity kind with room for <paramref name="capacity"/> entities.</summary>
    public void DefineEntity<T>(EntityKind<T> kind, string name, int capacity, Action<EntityBuilder<T, TInput>> build)
        where T : unmanaged
    {
        int index = AddKind(kind, name, capacity, isSingleton: false, build);
        kind.Index = index;
    }

    /// <summary>Declares a component that always exists once and that everybody sees.</summary>
    public void DefineSingleton<T>(SingletonKind<T> kind, string name, Action<EntityBuilder<T, TInput>> build)
        where T : unmanaged
    {
        int index = AddKind(kind, name, 1, isSingleton: true, build);
        kind.Index = index;
    }

    /// <summary>Declares a command of which at most <paramref name="capacity"/> can be posted in one tick.</summary>
    public void DefineCommand<T>(CommandKind<T> kind, int capacity = 1024)
        where T : unmanaged
    {
        string title = $"command {typeof(T).Name}";
        CheckOpen(title);
        Argument.Given(kind, nameof(kind), $"{title}: its CommandKind is null; make a handle");
        Argument.InRange(capacity, 1, Limits.CommandsMax, nameof(capacity), $"{title}: a capacity of ");
        if (Unsafe.SizeOf<T>() > Limits.CommandBytesMax)
        {
            throw new ArgumentException($"{title} has {Unsafe.SizeOf<T>()} bytes, at most {Limits.CommandBytesMax} are allowed");
        }

        if (CommandQueues.Exists(c => ReferenceEquals(c.Handle, kind)))
        {
            throw new ArgumentException($"{title}: this CommandKind is declared twice");
        }

        CheckNumber(CommandQueues.Count, Limits.CommandKindsMax, title, "commands");
        kind.Index = CommandQueues.Count;
        CommandQueues.Add((kind, typeof(T).Name, () => new CommandQueue<T>(capacity)));
    }

    /// <summary>Declares an event.</summary>
    public void DefineEvent<T>(EventKind<T> kind, string name, Action<EventBuilder<T>> build)
        where T : unmanaged
    {
        DeclaredName.Check(name, "event", Limits.NameCharsMax);
        string title = $"event '{name}'";
        CheckOpen(title);
        Argument.Given(kind, nameof(kind), $"{title}: its EventKind is null; make a handle");
        Argument.Given(build, nameof(build), $"{title}: give a builder that declares its fields");
        foreach (EventSchema other in EventList)
        {
            CheckUnique(name, kind, other.Name, other.Handle, title, "EventKind");
        }

        CheckNumber(EventList.Count, Limits.EventKindsMax, title, "events");
        int index = EventList.Count;
        var builder = new EventBuilder<T>(name);
        build(builder);
        CheckNotNested(EventList.Count - index, title);
        kind.Index = index;
        EventList.Add(builder.Complete(kind, index));
    }

    /// <summary>Lets a player see what is nearer than <paramref name="enter"/>, and keep seeing it up to <paramref name="leave"/>.</summary>
    public void DefineInterest(float enter, float leave)
    {
        CheckOpen("the interest");
        if (_hasInterest)
        {
            throw new ArgumentException("the interest is declared twice: call schema.DefineInterest once in Define");
        }

        if (!(enter > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(enter), enter, "DefineInterest: a distance above 0");
        }

        if (!(leave >= enter))
        {
            throw new ArgumentOutOfRangeException(nameof(leave), leave, FormattableString.Invariant($"DefineInterest: a distance of at least enter, which is {enter}"));
        }

        if (float.IsPositiveInfinity(leave) && !float.IsPositiveInfinity(enter))
        {
            throw new ArgumentOutOfRangeException(
                nameof(leave), leave, FormattableString.Invariant($"DefineInterest: a finite distance, as enter is finite ({enter}); both infinite: everybody sees everything"));
        }

        _hasInterest = true;
        InterestEnter = enter;
        InterestLeave = leave;
    }

    /// <summary>Lets no ray hit anybody who has been behind cover for longer than the shooter's round trip, or <paramref name="graceMillis"/> if that is more.</summary>
    /// <param name="isClear">Says whether walls leave the way between two points free.</param>
    /// <param name="graceMillis">How long a target may have been out of sight at least, in milliseconds: 0 to 1000.</param>
    /// <remarks>A rule of the server: the shooter's verdict says "hidden", and the client counts such a hit by that name.</remarks>
    public void DefineSight(SightTest isClear, int graceMillis = 50)
    {
        CheckOpen("the sight");
        if (Sight is not null)
        {
            throw new ArgumentException("the sight is declared twice: call schema.DefineSight once in Define");
        }

        if (graceMillis is < 0 or > 1000)
        {
            throw new ArgumentOutOfRangeException(nameof(graceMillis), graceMillis, "DefineSight: 0 to 1000 ms");
        }

        Sight = isClear ?? throw new ArgumentNullException(nameof(isClear), "DefineSight: give a test of what walls leave free");
        SightGraceMillis = graceMillis;
    }

    private static void CheckNumber(int before, int max, string title, string all)
    {
        if (before >= max)
        {
            throw new ArgumentException($"{title} is number {before + 1}; at most {max} {all} are allowed");
        }
    }

    private static void CheckNotNested(int declaredMeanwhile, string title)
    {
        if (declaredMeanwhile != 0)
        {
            throw new ArgumentException($"{title}: its builder declares something else as well; declare one after the other in Define");
        }
    }

    private void CheckOpen(string title)
    {
        if (IsComplete)
        {
            throw new InvalidOperationException($"{title} is declared after Define has returned; declare everything in Define");
        }
    }

    private static void CheckUnique(string name, object handle, string otherName, object otherHandle, string what, string handleType)
    {
        if (ReferenceEquals(handle, otherHandle))
        {
            throw new ArgumentException($"{what}: its {handleType} is declared already as '{otherName}'; make a handle for each");
        }

        if (name == otherName)
        {
            throw new ArgumentException($"{what} is declared twice; give each its own name");
        }
    }

    private int AddKind<T>(object handle, string name, int capacity, bool isSingleton, Action<EntityBuilder<T, TInput>> build)
        where T : unmanaged
    {
        string title = isSingleton ? "singleton" : "entity kind";
        DeclaredName.Check(name, title, Limits.NameCharsMax);
        title += $" '{name}'";
        string handleType = isSingleton ? "SingletonKind" : "EntityKind";
        CheckOpen(title);
        Argument.Given(handle, "kind", $"{title}: its {handleType} is null; make a handle");
        Argument.Given(build, nameof(build), $"{title}: give a builder that declares its fields");
        foreach (KindSchema other in KindList)
        {
            CheckUnique(name, handle, other.Name, other.Handle, title, handleType);
        }

        CheckNumber(KindList.Count, Limits.KindsMax, title, "kinds of entities and singletons");
        Argument.InRange(capacity, 1, Limits.EntitiesMax, nameof(capacity), $"{title}: a capacity of ");
        var kind = new KindSchema<T, TInput>(handle, name, KindList.Count, capacity, isSingleton);
        var builder = new EntityBuilder<T, TInput>(kind);
        build(builder);
        CheckNotNested(KindList.Count - kind.Index, title);
        builder.Complete();
        KindList.Add(kind);
        return kind.Index;
    }
}
