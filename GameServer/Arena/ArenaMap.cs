using System.Numerics;
using GameServer.Netcode.Primitives;

namespace GameServer.Arena;

/// <summary>The arena: 64 × 64 m of floor, walls up to the ceiling, and what walking and shooting do at walls.</summary>
/// <remarks>X goes right and Z down on the plan, Y up. Immutable, so steps may read it on any thread. Allocates: no.</remarks>
public static class ArenaMap
{
    public const int Columns = 32;
    public const float CellSize = 2, Ceiling = 8;

    // A quarter of the arena, mirrored to the right and down; a character is 2 × 2 m: '#' wall, 'S' spawn point, '+' health, '*' rockets.
    private static readonly string[] Plan =
    [
        "################",
        "#...............",
        "#.S.......#...S.",
        "#.........#.....",
        "#...##....#..+..",
        "#...#...........",
        "#...........#...",
        "#.......S...#...",
        "#..............#",
        "#..####....#...#",
        "#..........##...",
        "#....*..........",
        "#.....##.......S",
        "#......#..##....",
        "#..S.......#....",
        "#....#........##",
    ];

    public static IReadOnlyList<Vector3> SpawnPoints { get; } = Find('S');
    public static IReadOnlyList<Pickup> Pickups { get; } =
        [.. from kind in Enumerable.Range(ArenaGame.HealthKind, 2)
            from place in Find(kind == ArenaGame.HealthKind ? '+' : '*')
            select new Pickup { Position = place, Kind = kind, IsPresent = 1 }];

    public static bool IsWall(int column, int row) => (uint)column >= Columns || (uint)row >= Columns || At(column, row) == '#';

    /// <summary>Moves a soldier, who is round: walls take the part of the velocity that runs into them, and he slides on.</summary>
    public static Vector3 Slide(Vector3 position, ref Vector3 velocity, float seconds)
    {
        // In parts that are shorter than his radius: nobody is through a wall before it pushes back. Damaged bytes may hold any velocity.
        int parts = 1 + DeterministicMath.ToInt(MathF.Min(99, DeterministicMath.Length(velocity) * seconds / (Soldier.Radius / 4)));
        for (int i = 0; i < parts; i++)
        {
            position += velocity * (seconds / parts);
            for (int push = 0; push < 3 && TryFindDeepest(position, out Vector3 normal, out float depth); push++)
            {
                position += normal * depth;
                velocity -= normal * MathF.Min(0, DeterministicMath.Dot(velocity, normal));
            }
        }

        return position;
    }

    /// <summary>Distance from a point along a unit vector to the first wall, floor or ceiling; at most <paramref name="range"/>.</summary>
    public static float Raycast(Vector3 origin, Vector3 direction, float range)
    {
        float height = direction.Y > 0 ? Ceiling - origin.Y : origin.Y;
        range = direction.Y == 0 ? range : MathF.Min(range, MathF.Max(0, height / MathF.Abs(direction.Y)));

        // Walks from cell to cell: the next border in X or in Z, whichever is nearer.
        int column = DeterministicMath.ToInt(origin.X / CellSize), row = DeterministicMath.ToInt(origin.Z / CellSize);
        float nextX = FirstBorder(origin.X, direction.X, column), nextZ = FirstBorder(origin.Z, direction.Z, row);
        for (float at = 0; at < range;)
        {
            if (IsWall(column, row))
            {
                return at;
            }

            at = MathF.Min(nextX, nextZ);
            if (nextX < nextZ)
            {
                column += direction.X > 0 ? 1 : -1;
                nextX += CellSize / MathF.Abs(direction.X);
            }
            else
            {
                row += direction.Z > 0 ? 1 : -1;
                nextZ += CellSize / MathF.Abs(direction.Z);
            }
        }

        return range;
    }

    /// <summary>True when no wall stands between two points.</summary>
    public static bool IsClear(Vector3 from, Vector3 to) =>
        Raycast(from, DeterministicMath.Normalize(to - from), 2 * Columns * CellSize) >= DeterministicMath.Distance(from, to);

    // The wall cell that a soldier stands in deepest, by its nearest point: along a straight wall no seam between cells is ever felt.
    private static bool TryFindDeepest(Vector3 position, out Vector3 normal, out float depth)
    {
        normal = default;
        depth = 0;
        int right = DeterministicMath.ToInt((position.X + Soldier.Radius) / CellSize), bottom = DeterministicMath.ToInt((position.Z + Soldier.Radius) / CellSize);
        for (int row = Math.Max(-1, DeterministicMath.ToInt((position.Z - Soldier.Radius) / CellSize)); row <= Math.Min(Columns, bottom); row++)
        {
            for (int column = Math.Max(-1, DeterministicMath.ToInt((position.X - Soldier.Radius) / CellSize)); column <= Math.Min(Columns, right); column++)
            {
                float x = Math.Clamp(position.X, column * CellSize, (column + 1) * CellSize);
                float z = Math.Clamp(position.Z, row * CellSize, (row + 1) * CellSize);
                Vector3 away = position - new Vector3(x, position.Y, z);
                float deep = Soldier.Radius - DeterministicMath.Length(away);
                if (IsWall(column, row) && deep > depth)
                {
                    depth = deep;
                    normal = DeterministicMath.Normalize(away);
                }
            }
        }

        return depth > 0;
    }

    private static float FirstBorder(float origin, float direction, int cell) => direction == 0
        ? float.PositiveInfinity
        : (((direction > 0 ? cell + 1 : cell) * CellSize) - origin) / direction;

    private static char At(int column, int row) => Plan[Math.Min(row, Columns - 1 - row)][Math.Min(column, Columns - 1 - column)];

    private static Vector3[] Find(char mark) =>
        [.. from cell in Enumerable.Range(0, Columns * Columns)
            where At(cell % Columns, cell / Columns) == mark
            select new Vector3(((cell % Columns) + 0.5f) * CellSize, 0, ((cell / Columns) + 0.5f) * CellSize)];
}
