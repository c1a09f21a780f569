using System.Globalization;
using System.Runtime.InteropServices;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Game;

/// <summary>One thing that a game declared, in words: its title, and a line for each property that both sides must have alike.</summary>
internal sealed class Declaration
{
    public Declaration(string title, List<string> lines)
    {
        Title = title;
        Lines = [.. lines];
        ulong hash = StateHash.Of(MemoryMarshal.AsBytes(title.AsSpan()));
        foreach (string line in Lines)
        {
            hash = StateHash.Append(hash, MemoryMarshal.AsBytes(line.AsSpan()));
        }

        Hash = hash;
    }

    /// <summary>What it is, by name: "entity kind 'soldier'".</summary>
    public string Title { get; }

    /// <summary>"health: Int 0 to 100, …", in the order of the wire.</summary>
    public string[] Lines { get; }

    public ulong Hash { get; }
}

/// <summary>All that a game declared, in words: the identity of a schema, and what two sides compare when theirs differ.</summary>
/// <remarks>Immutable. Allocates: when it is made.</remarks>
internal sealed class Declarations
{
    public Declarations(Schema schema)
    {
        var all = new List<Declaration>();
        Add(all, "the input", "", schema.Input, "");
        foreach (KindSchema kind in schema.Kinds)
        {
            string head = Invariant($"properties: capacity {kind.Capacity}, position at byte {kind.PositionOffset}, hitbox {kind.HasHitbox}, step {kind.HasStep}");
            Add(all, $"{(kind.IsSingleton ? "singleton" : "entity kind")} '{kind.Name}'", head, kind.Seen, kind.Layout);
        }

        foreach (EventSchema e in schema.Events)
        {
            Add(all, $"event '{e.Name}'", "", e.Fields, "");
        }

        all.Add(new Declaration("the interest", [Invariant($"distances: enter {schema.InterestEnter:R}, leave {schema.InterestLeave:R}")]));
        ulong hash = StateHash.Start;
        foreach (Declaration one in all)
        {
            hash = StateHash.Append(hash, one.Hash);
        }

        Hash = hash;
        All = [.. all];
    }

    public Declaration[] All { get; }

    public ulong Hash { get; }

    private static void Add(List<Declaration> all, string title, string head, FieldTable table, string layout)
    {
        var lines = new List<string>();
        foreach (ref readonly FieldSpec column in table.Columns)
        {
            lines.Add(LineOf(in column));
        }

        // What only the owner is sent is no column: name@offset+size of each field of the struct.
        foreach (string field in layout.Split([' ', ',', ';'], StringSplitOptions.RemoveEmptyEntries))
        {
            lines.Add($"{field.Split('@')[0]}: in the struct, {field}");
        }

        if (head.Length > 0)
        {
            lines.Add(head);
        }

        all.Add(new Declaration(title, lines));
    }

    private static string LineOf(in FieldSpec column)
    {
        Quantizer steps = column.Quantizer;
        return column.Type == FieldType.Float
            ? Invariant($"{column.Name}: Float {steps.Dequantize(0):R} to {steps.Dequantize(steps.Steps):R}, {column.Bits} bits, {steps.Steps} steps, error {steps.ErrorBound:R}, at byte {column.Offset}")
            : Invariant($"{column.Name}: {column.Type} {column.Minimum} to {column.Minimum + (long)column.Range}, {column.Bits} bits, at byte {column.Offset}");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
