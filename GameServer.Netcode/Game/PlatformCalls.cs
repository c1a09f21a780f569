using System.Reflection;

namespace GameServer.Netcode.Game;

/// <summary>Knows by name which functions of the platform give other results on another runtime, processor or run.</summary>
/// <remarks>
/// Of System.Numerics, what sums in another order or rounds once for a product and a sum where the processor can, is refused; what works on each component
/// alone, and the products of two or three components, are exact.
/// </remarks>
internal static class PlatformCalls
{
    // What IEEE 754 fixes to the bit, or does not compute at all.
    private static readonly HashSet<string> s_exactMath =
    [
        "Abs", "Sqrt", "Floor", "Ceiling", "Truncate", "Round", "Min", "Max", "MinMagnitude", "MaxMagnitude", "Clamp", "Sign", "CopySign", "BigMul", "DivRem",
        "BitIncrement", "BitDecrement", "IEEERemainder",
    ];

    // The same functions as members of float and double, and of vectors.
    private static readonly HashSet<string> s_inexact =
    [
        "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Atan2", "Sinh", "Cosh", "Tanh", "Asinh", "Acosh", "Atanh", "SinCos", "SinPi", "CosPi", "TanPi", "SinCosPi",
        "AsinPi", "AcosPi", "AtanPi", "Atan2Pi", "Exp", "ExpM1", "Exp2", "Exp2M1", "Exp10", "Exp10M1", "Log", "LogP1", "Log2", "Log2P1", "Log10", "Log10P1", "Pow",
        "Cbrt", "Hypot", "RootN", "FusedMultiplyAdd", "MultiplyAddEstimate", "ReciprocalEstimate", "ReciprocalSqrtEstimate", "Lerp",
    ];

    private static readonly HashSet<string> s_inexactOfVectors = ["Transform", "TransformNormal", "Reflect"];

    private static readonly HashSet<string> s_inexactOfFour = ["Dot", "Length", "LengthSquared", "Distance", "DistanceSquared", "Normalize"];

    private static readonly HashSet<string> s_exactOfMatrices =
    [
        ".ctor", "Equals", "op_Equality", "op_Inequality", "op_Addition", "op_Subtraction", "op_UnaryNegation", "Add", "Subtract", "Negate", "Conjugate", "Transpose",
        "CreateTranslation", "ToString", "CopyTo", "Create",
    ];

    private static readonly HashSet<string> s_chance =
    [
        "System.Random", "System.Security.Cryptography.RandomNumberGenerator", "System.HashCode",
    ];

    private static readonly HashSet<string> s_clocks =
    [
        "System.Diagnostics.Stopwatch", "System.TimeProvider", "System.Environment",
    ];

    /// <summary>What is wrong with calling a function of the platform, as the end of a sentence; null: nothing that is known.</summary>
    public static string? FaultOf(MethodBase callee)
    {
        Type? type = callee.DeclaringType;
        string name = callee.Name;
        if (type is null)
        {
            return null;
        }

        string shown = $"{type.Name}.{name}";
        if (IsInexact(type, name))
        {
            return $"calls {shown}, whose last bit differs between runtimes: use DeterministicMath, or + − × ÷ on the components";
        }

        if (IsChance(type, name))
        {
            return $"calls {shown}, which differs from process to process: use the chance of the step (step.Random), or numbers of the state";
        }

        if (IsClock(type, name))
        {
            return $"calls {shown}, which differs from machine to machine: use step.Tick and step.DeltaSeconds";
        }

        return null;
    }

    private static bool IsInexact(Type type, string name)
    {
        if (type == typeof(MathF) || type == typeof(Math))
        {
            return !s_exactMath.Contains(name);
        }

        if (type == typeof(float) || type == typeof(double))
        {
            return s_inexact.Contains(name);
        }

        string space = type.Namespace ?? "";
        if (space != "System.Numerics")
        {
            return space.StartsWith("System.Runtime.Intrinsics", StringComparison.Ordinal);
        }

        return type.Name switch
        {
            "Vector2" or "Vector3" => s_inexact.Contains(name) || s_inexactOfVectors.Contains(name),
            "Vector4" => s_inexact.Contains(name) || s_inexactOfVectors.Contains(name) || s_inexactOfFour.Contains(name),
            "Quaternion" or "Matrix3x2" or "Matrix4x4" or "Plane" =>
                !s_exactOfMatrices.Contains(name) && !IsAccessor(name) && name != nameof(GetHashCode),
            "Vector" or "Vector`1" => true, // as wide as the processor has them
            _ => false,
        };
    }

    private static bool IsAccessor(string name) =>
        name.StartsWith("get_", StringComparison.Ordinal) || name.StartsWith("set_", StringComparison.Ordinal);

    private static bool IsChance(Type type, string name) => s_chance.Contains(type.FullName ?? "")
        || (type.FullName == "System.Guid" && name is "NewGuid" or "CreateVersion7")
        || (name == nameof(GetHashCode) && IsHashRandom(type));

    // Of numbers it is the number, and that of the game's and this library's structs is read or known.
    private static bool IsHashRandom(Type type) => type == typeof(object) || type == typeof(string) || type == typeof(ValueType)
        || type.Namespace == "System.Numerics" || type.FullName is "System.Runtime.CompilerServices.RuntimeHelpers" or "System.Delegate" or "System.MulticastDelegate"
        || (type.FullName ?? "").StartsWith("System.ValueTuple", StringComparison.Ordinal);

    private static bool IsClock(Type type, string name) =>
        (s_clocks.Contains(type.FullName ?? "") && name != "get_NewLine")
        || (type.FullName is "System.DateTime" or "System.DateTimeOffset" && name is "get_Now" or "get_UtcNow" or "get_Today");
}
