using System.Numerics;
using GameServer.Netcode.Game;

namespace GameServer.Netcode.Snapshots;

/// <summary>Finds the entities near a point: a grid over X and Z, folded onto a fixed number of cells.</summary>
/// <remarks>
/// A cell is as wide as the leave distance, so all that may matter lies in 3 × 3 cells; folding only adds candidates that the distance test
/// refuses. Entities without a position are always candidates. Rebuilt each tick. Owner: simulation thread. Allocates: only at start.
/// </remarks>
internal sealed class InterestGrid
{
    private const int Side = 16;

    private readonly World _world;
    private readonly float _cell;
    private readonly int[] _heads = new int[Side * Side];
    private readonly int[] _next;
    private readonly Vector3[] _positions;
    private int _everywhere;

    public InterestGrid(World world)
    {
        _world = world;
        _next = new int[world.Schema.SlotCount];
        _positions = new Vector3[world.Schema.SlotCount];
        IsBounded = !float.IsPositiveInfinity(world.Schema.InterestLeave);
        _cell = IsBounded ? world.Schema.InterestLeave : 1;
    }

    /// <summary>False when the game declares no interest distance: then everything is always relevant.</summary>
    public bool IsBounded { get; }

    public Vector3 PositionOf(int slot) => _positions[slot];

    public void Rebuild()
    {
        _heads.AsSpan().Fill(-1);
        _everywhere = -1;
        foreach (KindSchema kind in _world.Schema.Kinds)
        {
            bool placed = IsBounded && kind.PositionOffset >= 0;
            int end = kind.FirstSlot + kind.Capacity;
            for (int slot = _world.Alive.NextFrom(kind.FirstSlot, end); slot < end; slot = _world.Alive.NextFrom(slot + 1, end))
            {
                _world.TryGetPosition(slot, out _positions[slot]);
                ref int head = ref _everywhere;
                if (placed)
                {
                    head = ref _heads[CellOf(_positions[slot].X, _positions[slot].Z)];
                }

                _next[slot] = head;
                head = slot;
            }
        }
    }

    /// <summary>Fills <paramref name="slots"/> with all candidates around a point and returns their number.</summary>
    public int Query(Vector3 point, int[] slots)
    {
        int count = Collect(_everywhere, slots, 0);
        if (!IsBounded)
        {
            return count;
        }

        for (int dz = -1; dz <= 1; dz++)
        {
            for (int dx = -1; dx <= 1; dx++)
            {
                count = Collect(_heads[CellOf(point.X + (dx * _cell), point.Z + (dz * _cell))], slots, count);
            }
        }

        return count;
    }

    /// <summary>Fills <paramref name="slots"/> with everything that lives.</summary>
    public int QueryAll(int[] slots)
    {
        int count = Collect(_everywhere, slots, 0);
        for (int cell = 0; IsBounded && cell < _heads.Length; cell++)
        {
            count = Collect(_heads[cell], slots, count);
        }

        return count;
    }

    private int Collect(int slot, int[] slots, int count)
    {
        for (; slot >= 0; slot = _next[slot])
        {
            slots[count++] = slot;
        }

        return count;
    }

    private int CellOf(float x, float z)
    {
        int cellX = (int)MathF.Floor(x / _cell) & (Side - 1);
        int cellZ = (int)MathF.Floor(z / _cell) & (Side - 1);
        return (cellZ * Side) + cellX;
    }
}
