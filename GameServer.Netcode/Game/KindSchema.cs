using System.Reflection;
using System.Runtime.CompilerServices;

namespace GameServer.Netcode.Game;

/// <summary>One entity kind of a complete schema: its two tables, its slots, and its code behind untyped doors.</summary>
/// <remarks>Immutable; any thread.</remarks>
public abstract class KindSchema
{
    internal KindSchema(object handle, string name, int index, int capacity, int sizeBytes, bool isSingleton)
    {
        Handle = handle;
        Name = name;
        Index = index;
        Capacity = capacity;
        SizeBytes = sizeBytes;
        IsSingleton = isSingleton;
    }

    /// <summary>Name for tools.</summary>
    public string Name { get; }

    /// <summary>Position in the schema.</summary>
    public int Index { get; }

    /// <summary>Most entities of this kind at a time.</summary>
    public int Capacity { get; }

    /// <summary>Bytes of the component; its owner receives them all, as <see cref="OwnedWords"/> words of 32 bits.</summary>
    public int SizeBytes { get; }

    /// <summary>True for a component that always exists once.</summary>
    public bool IsSingleton { get; }

    /// <summary>What everybody within interest receives.</summary>
    public FieldTable Seen { get; internal set; } = null!;

    /// <summary>What the owner receives.</summary>
    public FieldTable Owned { get; internal set; } = null!;

    /// <summary>32-bit words of the component.</summary>
    public int OwnedWords => SizeBytes / 4;

    /// <summary>The handle that it was declared with.</summary>
    internal object Handle { get; }

    /// <summary>First slot of the kind in the world.</summary>
    public int FirstSlot { get; internal set; }

    /// <summary>First column of the kind in a snapshot frame.</summary>
    internal int FirstColumn { get; set; }

    /// <summary>Byte offset of the position that interest goes by, or −1: such an entity is relevant to everybody.</summary>
    internal int PositionOffset { get; set; } = -1;

    /// <summary>Column of the first coordinate of that position, or −1.</summary>
    internal int PositionColumn { get; set; } = -1;

    /// <summary>Names and places of all fields, those of the owner too, whose block is the bare component.</summary>
    internal string Layout { get; set; } = string.Empty;

    /// <summary>No point of a hitbox lies farther from the position; infinite when the game does not say.</summary>
    internal float HitboxReach { get; set; } = float.PositiveInfinity;

    internal abstract bool HasHitbox { get; }

    internal abstract bool HasStep { get; }

    internal abstract MethodInfo? StepMethod { get; }

    internal abstract MethodInfo? HitboxMethod { get; }

    internal abstract void RunStep(ref byte component, ref byte input, in StepContext step);

    internal abstract Capsule HitboxAt(ref byte component);
}

/// <summary>The typed half of a kind.</summary>
internal sealed class KindSchema<T, TInput> : KindSchema
    where T : unmanaged
    where TInput : unmanaged
{
    public KindSchema(object handle, string name, int index, int capacity, bool isSingleton)
        : base(handle, name, index, capacity, Unsafe.SizeOf<T>(), isSingleton)
    {
    }

    public Step<T, TInput>? Step { get; set; }

    public HitboxOf<T>? Hitbox { get; set; }

    internal override bool HasHitbox => Hitbox is not null;

    internal override bool HasStep => Step is not null;

    internal override MethodInfo? StepMethod => Step?.Method;

    internal override MethodInfo? HitboxMethod => Hitbox?.Method;

    internal override void RunStep(ref byte component, ref byte input, in StepContext step) =>
        Step!(ref Unsafe.As<byte, T>(ref component), in Unsafe.As<byte, TInput>(ref input), in step);

    internal override Capsule HitboxAt(ref byte component) => Hitbox!(in Unsafe.As<byte, T>(ref component));
}
