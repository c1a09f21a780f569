using System.Numerics;

namespace GameServer.Netcode.Game;

/// <summary>Maps unit vectors to two whole numbers and back (octahedral map; Cigolle et al., "Survey of Efficient Representations for Independent Unit Vectors", 2014).</summary>
/// <remarks>Uses + − × ÷ √ only, so every platform gets the same bits. Error at most √18 / (2^bits − 2) radians.</remarks>
internal static class Octahedral
{
    /// <summary>Quantises; a vector without a direction (zero, NaN, infinity) becomes +Z.</summary>
    public static void Encode(Vector3 v, int bits, out int u, out int w)
    {
        float sum = MathF.Abs(v.X) + MathF.Abs(v.Y) + MathF.Abs(v.Z);
        if (!(sum > 1e-12f) || float.IsInfinity(sum))
        {
            v = Vector3.UnitZ;
            sum = 1;
        }

        float x = v.X / sum;
        float y = v.Y / sum;
        if (v.Z < 0)
        {
            float foldedX = (1 - MathF.Abs(y)) * (x >= 0 ? 1 : -1);
            y = (1 - MathF.Abs(x)) * (y >= 0 ? 1 : -1);
            x = foldedX;
        }

        u = ToQuantum(x, bits);
        w = ToQuantum(y, bits);

        // Two points of the square's border stand for one direction, mirrored; always the same one of them is taken.
        int last = 2 * Half(bits);
        w = u == 0 || u == last ? Math.Max(w, last - w) : w;
        u = w == 0 || w == last ? Math.Max(u, last - u) : u;
    }

    /// <summary>The unit vector of two quanta.</summary>
    public static Vector3 Decode(int u, int w, int bits)
    {
        float x = FromQuantum(u, bits);
        float y = FromQuantum(w, bits);
        float z = 1 - MathF.Abs(x) - MathF.Abs(y);
        if (z < 0)
        {
            float foldedX = (1 - MathF.Abs(y)) * (x >= 0 ? 1 : -1);
            y = (1 - MathF.Abs(x)) * (y >= 0 ? 1 : -1);
            x = foldedX;
        }

        return Normalize(x, y, z);
    }

    /// <summary>Blends two directions by <paramref name="fraction256"/>/256; opposite ones jump to the second.</summary>
    public static Vector3 Blend(Vector3 a, Vector3 b, int fraction256)
    {
        float f = fraction256 / 256f;
        float x = a.X + ((b.X - a.X) * f);
        float y = a.Y + ((b.Y - a.Y) * f);
        float z = a.Z + ((b.Z - a.Z) * f);
        return (x * x) + (y * y) + (z * z) < 1e-6f ? b : Normalize(x, y, z);
    }

    private static Vector3 Normalize(float x, float y, float z)
    {
        float length = MathF.Sqrt((x * x) + (y * y) + (z * z));
        return new Vector3(x / length, y / length, z / length);
    }

    // An odd number of levels, so that the axes are exact.
    private static int Half(int bits) => (1 << (bits - 1)) - 1;

    private static int ToQuantum(float value, int bits)
    {
        int half = Half(bits);
        int quantum = (int)MathF.Floor((value * half) + 0.5f);
        return Math.Clamp(quantum, -half, half) + half;
    }

    private static float FromQuantum(int quantum, int bits)
    {
        int half = Half(bits);
        return Math.Clamp(quantum - half, -half, half) / (float)half;
    }
}
