using System.Numerics;
using GameServer.Arena;
using GameServer.Netcode.Primitives;

namespace GameServer.Bots;

/// <summary>The way of a bot to a place, around walls: distances of all cells of the map to that place, followed downhill.</summary>
/// <remarks>Owner: the thread that runs the bot. Allocates: at start.</remarks>
internal sealed class BotRoute
{
    private const int Cells = ArenaMap.Columns * ArenaMap.Columns;
    private const short Unknown = short.MaxValue;
    private const int LookAhead = 8;

    private readonly short[] _distances = new short[Cells];
    private readonly short[] _queue = new short[Cells];
    private int _goalCell = -1;

    /// <summary>Where the route leads.</summary>
    public Vector3 Goal { get; private set; }

    /// <summary>Sets another place to go to; it must not be in a wall.</summary>
    public void LeadTo(Vector3 goal)
    {
        Goal = goal;
        int cell = CellOf(goal);
        if (cell == _goalCell)
        {
            return;
        }

        _goalCell = cell;
        Array.Fill(_distances, Unknown);
        _distances[cell] = 0;
        _queue[0] = (short)cell;
        int count = 1;
        for (int head = 0; head < count; head++)
        {
            int from = _queue[head];
            for (int side = 0; side < 4; side++)
            {
                int next = Neighbour(from, side);
                if (_distances[next] == Unknown && !IsWall(next))
                {
                    _distances[next] = (short)(_distances[from] + 1);
                    _queue[count++] = (short)next;
                }
            }
        }
    }

    /// <summary>Direction to walk in from here, a unit vector; zero at the goal.</summary>
    public Vector3 DirectionFrom(Vector3 position)
    {
        // The furthest cell ahead that can be walked to straight makes the way smooth; the next one can always be.
        int cell = CellOf(position);
        Vector3 waypoint = Goal;
        for (int i = 0; i < LookAhead && cell != _goalCell; i++)
        {
            cell = NextTowardsGoal(cell);
            Vector3 center = cell == _goalCell ? Goal : CenterOf(cell);
            if (i > 0 && !IsWalkable(position, center))
            {
                break;
            }

            waypoint = center;
        }

        return DeterministicMath.Distance(position, waypoint) < 0.3f ? default : DeterministicMath.Normalize(waypoint - position);
    }

    /// <summary>True when a soldier can walk straight from one place to another.</summary>
    public static bool IsWalkable(Vector3 from, Vector3 to)
    {
        Vector3 along = DeterministicMath.Normalize(to - from);
        Vector3 side = new Vector3(-along.Z, 0, along.X) * (Soldier.Radius + 0.05f);
        return ArenaMap.IsClear(from + side, to + side) && ArenaMap.IsClear(from - side, to - side);
    }

    private int NextTowardsGoal(int cell)
    {
        int best = cell;
        for (int side = 0; side < 4; side++)
        {
            int next = Neighbour(cell, side);
            best = _distances[next] < _distances[best] ? next : best;
        }

        return best;
    }

    // The border of the map is wall, so a cell that is open has four neighbours.
    private static int Neighbour(int cell, int side) => side switch
    {
        0 => cell + 1,
        1 => cell - 1,
        2 => cell + ArenaMap.Columns,
        _ => cell - ArenaMap.Columns,
    };

    private static bool IsWall(int cell) => ArenaMap.IsWall(cell % ArenaMap.Columns, cell / ArenaMap.Columns);

    private static int CellOf(Vector3 position) =>
        ((int)(position.Z / ArenaMap.CellSize) * ArenaMap.Columns) + (int)(position.X / ArenaMap.CellSize);

    private static Vector3 CenterOf(int cell) =>
        new(((cell % ArenaMap.Columns) + 0.5f) * ArenaMap.CellSize, 0, ((cell / ArenaMap.Columns) + 0.5f) * ArenaMap.CellSize);
}
