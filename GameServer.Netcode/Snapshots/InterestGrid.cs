using System.Numerics;
using GameServer.Netcode.Game;

namespace GameServer.Netcode.Snapshots;

/// <summary>Finds the entities near a point: a grid over X and Z, folded onto a fixed number of cells.</summary>
/// <remarks>
/// A cell is a little wider than the leave distance, so all that may matter lies in 3 × 3 cells; folding only adds candidates that the distance test
/// refuses. The entities of a cell lie side by side in memory. Entities without a position are always near. Rebuilt each tick.
/// Owner: simulation thread. Allocates: only at start.
/// </remarks>
internal sealed class InterestGrid
{
    private const int Side = 16;

    private readonly World _world;
    private readonly float _cell;
    private readonly float _enter2;
    private readonly float _leave2;
    private readonly int[] _starts = new int[(Side * Side) + 1];
    private readonly Place[] _found;
    private readonly Place[] _places;
    private readonly SlotSet _everywhere;

    public InterestGrid(World world)
    {
        _world = world;
        _found = new Place[world.Schema.SlotCount];
        _places = new Place[world.Schema.SlotCount];
        _everywhere = new SlotSet(world.Schema.SlotCount);
        IsBounded = !float.IsPositiveInfinity(world.Schema.InterestLeave);
        _cell = IsBounded ? world.Schema.InterestLeave * 1.001f : 1; // a little more, for the rounding of quotients
        _leave2 = world.Schema.InterestLeave * world.Schema.InterestLeave;
        _enter2 = world.Schema.InterestEnter * world.Schema.InterestEnter;
    }

    private struct Place
    {
        public Vector3 Position;
        public ushort Slot;
        public ushort Cell;
    }

    /// <summary>False when the game declares no interest distance: then everything is always near.</summary>
    public bool IsBounded { get; }

    public void Rebuild()
    {
        _starts.AsSpan().Clear();
        _everywhere.Clear();
        int count = 0;
        foreach (KindSchema kind in _world.Schema.Kinds)
        {
            bool placed = IsBounded && kind.PositionOffset >= 0;
            int end = kind.FirstSlot + kind.Capacity;
            for (int slot = _world.Alive.NextFrom(kind.FirstSlot, end); slot < end; slot = _world.Alive.NextFrom(slot + 1, end))
            {
                if (!placed)
                {
                    _everywhere.Add(slot);
                    continue;
                }

                _world.TryGetPosition(slot, out Vector3 position);
                int cell = CellOf(position.X, position.Z);
                _found[count++] = new Place { Position = position, Slot = (ushort)slot, Cell = (ushort)cell };
                _starts[cell + 1]++;
            }
        }

        for (int cell = 0; cell < Side * Side; cell++)
        {
            _starts[cell + 1] += _starts[cell];
        }

        // From the end of each cell down: what is left are the starts.
        for (int i = count - 1; i >= 0; i--)
        {
            _places[--_starts[_found[i].Cell + 1]] = _found[i];
        }

        _starts.AsSpan(1, Side * Side).CopyTo(_starts);
        _starts[Side * Side] = count;
    }

    /// <summary>Adds to <paramref name="near"/> what has no place and lives, and what is within the enter distance of a point, or within the leave distance and in <paramref name="known"/>.</summary>
    public void Query(Vector3 point, SlotSet known, SlotSet near)
    {
        QueryPlaceless(near);
        int column = Cells(point.X);
        int row = Cells(point.Z);
        for (int dz = -1; dz <= 1; dz++)
        {
            for (int dx = -1; dx <= 1; dx++)
            {
                int cell = (((row + dz) & (Side - 1)) * Side) + ((column + dx) & (Side - 1));
                int start = _starts[cell];
                int count = _starts[cell + 1] - start;
                if (count > 0)
                {
                    AddNear(_places.AsSpan(start, count), point, known.Words, near.Words);
                }
            }
        }
    }

    /// <summary>Adds to <paramref name="near"/> what has no place and lives.</summary>
    public void QueryPlaceless(SlotSet near) => Union(_everywhere, near);

    /// <summary>Adds to <paramref name="near"/> everything that lives.</summary>
    public void QueryAll(SlotSet near) => Union(_world.Alive, near);

    private static void Union(SlotSet some, SlotSet all)
    {
        Span<ulong> from = some.Words;
        Span<ulong> to = all.Words;
        for (int i = 0; i < to.Length; i++)
        {
            to[i] |= from[i];
        }
    }

    private void AddNear(ReadOnlySpan<Place> places, Vector3 point, ReadOnlySpan<ulong> known, Span<ulong> near)
    {
        foreach (ref readonly Place place in places)
        {
            float x = place.Position.X - point.X;
            float y = place.Position.Y - point.Y;
            float z = place.Position.Z - point.Z;
            float distance2 = (x * x) + (y * y) + (z * z);
            int word = place.Slot >> 6;
            ulong bit = 1UL << (place.Slot & 63);
            if (distance2 <= _leave2 && (distance2 <= _enter2 || (known[word] & bit) != 0))
            {
                near[word] |= bit;
            }
        }
    }

    private int CellOf(float x, float z) => ((Cells(z) & (Side - 1)) * Side) + (Cells(x) & (Side - 1));

    private int Cells(float coordinate) => (int)MathF.Floor(coordinate / _cell);
}
