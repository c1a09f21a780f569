using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Game;

/// <summary>Finds a field of the owner's that a hitbox reads: others do not know it, so what they aim at is not what the server hits.</summary>
/// <remarks>
/// The hitbox is made of a few states, then again with one owned field changed: it must not differ. A field that is read only in states that are
/// not tried is not found. Allocates: when a schema is made.
/// </remarks>
internal static class HitboxProbe
{
    private const int StatesTried = 12;

    // Small numbers, true, enumerations; then minus one or NaN, and the floats 1, 3, −1 and 100.
    private static readonly uint[] s_values =
        [1, 2, 3, 4, 5, 6, 7, 8, 10, 50, 100, 1000, 0x0101_0101, 0xFFFF_FFFF, 0x3F80_0000, 0x4040_0000, 0xBF80_0000, 0x42C8_0000];

    /// <summary>The name of an owned field that the hitbox reads, or null.</summary>
    public static string? FindOwnedField<T>(HitboxOf<T> hitbox, FieldTable seen, List<(string Name, int Offset, int Size)> owned)
        where T : unmanaged
    {
        var random = DeterministicRandom.From(1, 0);
        var row = new int[seen.Count];
        for (int state = 0; state < StatesTried; state++)
        {
            Fill(row, seen.Columns, state, ref random);
            T component = default;
            seen.Restore(row, ref Unsafe.As<T, byte>(ref component));
            if (!TryMake(hitbox, in component, out Capsule capsule) || float.IsNaN(capsule.Radius))
            {
                continue; // nothing is known of a hitbox that cannot be made
            }

            foreach ((string name, int offset, int size) in owned)
            {
                if (Reads(hitbox, component, in capsule, offset, size))
                {
                    return name;
                }
            }
        }

        return null;
    }

    private static bool Reads<T>(HitboxOf<T> hitbox, T component, in Capsule expected, int offset, int size)
        where T : unmanaged
    {
        Span<byte> field = MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref component, 1)).Slice(offset, size);
        foreach (uint value in s_values)
        {
            for (int i = 0; i < size; i++)
            {
                field[i] = (byte)(value >> (8 * (i & 3)));
            }

            if (!TryMake(hitbox, in component, out Capsule capsule) || !IsSame(expected, capsule))
            {
                return true;
            }
        }

        return false;
    }

    private static void Fill(int[] row, ReadOnlySpan<FieldSpec> columns, int state, ref DeterministicRandom random)
    {
        for (int i = 0; i < row.Length; i++)
        {
            uint largest = columns[i].Type switch
            {
                FieldType.Raw => 3, // a seat, a tick or an entity, as a game has them
                FieldType.DirectionU or FieldType.DirectionV => (1u << columns[i].Bits) - 2,
                _ => columns[i].Range,
            };
            row[i] = state switch
            {
                0 => 0,
                1 => (int)largest,
                2 => (int)(largest / 2),
                _ => largest == uint.MaxValue ? (int)random.NextUInt() : (int)(random.NextUInt() % (largest + 1)),
            };
        }
    }

    private static bool TryMake<T>(HitboxOf<T> hitbox, in T component, out Capsule capsule)
        where T : unmanaged
    {
        try
        {
            capsule = hitbox(in component);
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            capsule = default;
            return false;
        }
    }

    private static bool IsSame(Capsule a, Capsule b) =>
        MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref a, 1)).SequenceEqual(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref b, 1)));
}
