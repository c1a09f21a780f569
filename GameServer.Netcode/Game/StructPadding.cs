using System.Reflection;

namespace GameServer.Netcode.Game;

/// <summary>Finds bytes of a struct that none of its fields fills: whatever happens to be there would be compared, hashed and sent.</summary>
internal static class StructPadding
{
    /// <summary>True when the fields of <paramref name="type"/>, and of the structs in it, fill fewer than its <paramref name="sizeBytes"/>.</summary>
    public static bool IsIn(Type type, int sizeBytes) => FilledBytes(type) < sizeBytes;

    private static long FilledBytes(Type type)
    {
        if (type.IsEnum)
        {
            return FilledBytes(type.GetEnumUnderlyingType());
        }

        // Whoever places fields by hand, or repeats one, is taken at his word: what overlaps cannot be counted.
        bool isPlaced = type.IsExplicitLayout || type.StructLayoutAttribute is { Size: > 0 };
        if (isPlaced || Array.Exists(type.GetCustomAttributes(false), a => a.GetType().Name == "InlineArrayAttribute"))
        {
            return int.MaxValue;
        }

        if (type.IsPrimitive)
        {
            return PrimitiveBytes(Type.GetTypeCode(type));
        }

        long filled = 0;
        foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            filled += FilledBytes(field.FieldType);
        }

        return filled;
    }

    private static int PrimitiveBytes(TypeCode code) => code switch
    {
        TypeCode.Boolean or TypeCode.Byte or TypeCode.SByte => 1,
        TypeCode.Char or TypeCode.Int16 or TypeCode.UInt16 => 2,
        TypeCode.Int32 or TypeCode.UInt32 or TypeCode.Single => 4,
        TypeCode.Int64 or TypeCode.UInt64 or TypeCode.Double => 8,
        _ => IntPtr.Size,
    };
}
