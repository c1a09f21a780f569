namespace GameServer.Netcode.Game;

/// <summary>What is counted of a game's declarations while it runs. The names leave the process in metrics and are frozen by a test.</summary>
public enum GameCount
{
    /// <summary>By entity kind: the rules spawned one and the kind was full.</summary>
    SpawnRefused = 0,

    /// <summary>By entity kind: a step spawned one and the kind was full, or the player spawned more in one tick than a step may; the client had predicted it.</summary>
    PredictedSpawnRefused = 1,

    /// <summary>By entity kind: a player who owns all that one may own was to get one more.</summary>
    OwnerFull = 2,

    /// <summary>By command: posted, and the queue of the tick was full.</summary>
    CommandDropped = 3,

    /// <summary>By field: captured with a value outside its declared range, and clamped. Counts each tick and entity.</summary>
    FieldClamped = 4,

    /// <summary>By event: emitted.</summary>
    EventEmitted = 5,

    /// <summary>By event: given up for one client, because its life was over or newer ones needed the room, before it was known to have arrived.</summary>
    EventGivenUp = 6,

    /// <summary>By event: not emitted, because one player's steps emitted more in one tick than can be numbered.</summary>
    EventRefused = 7,
}

/// <summary>Counts of one game in one room, by what was declared.</summary>
/// <remarks>Owner: simulation thread; any thread may read, and sees each counter whole. Allocates: only at start.</remarks>
public sealed class GameCounters
{
    private const int Kinds = (int)GameCount.EventRefused + 1;

    private readonly string[][] _names = new string[Kinds][];
    private readonly long[][] _counts = new long[Kinds][];
    private readonly List<(FieldTable Table, int Column)> _fields = [];

    internal GameCounters(Schema schema)
    {
        var kinds = new string[schema.Kinds.Length];
        var events = new string[schema.Events.Length];
        var fields = new List<string>();
        for (int i = 0; i < kinds.Length; i++)
        {
            kinds[i] = schema.Kinds[i].Name;
            AddFields(kinds[i], schema.Kinds[i].Seen, fields);
        }

        for (int i = 0; i < events.Length; i++)
        {
            events[i] = schema.Events[i].Name;
            AddFields(events[i], schema.Events[i].Fields, fields);
        }

        Name(kinds, GameCount.SpawnRefused, GameCount.PredictedSpawnRefused, GameCount.OwnerFull);
        Name(schema.CommandNames, GameCount.CommandDropped);
        Name([.. fields], GameCount.FieldClamped);
        Name(events, GameCount.EventEmitted, GameCount.EventGivenUp, GameCount.EventRefused);
    }

    /// <summary>What is counted apart under <paramref name="what"/>: entity kinds, commands, fields or events, by name.</summary>
    public IReadOnlyList<string> NamesOf(GameCount what) => _names[Place(what)];

    /// <summary>One counter; <paramref name="index"/> is that of <see cref="NamesOf"/>.</summary>
    public long this[GameCount what, int index]
    {
        get
        {
            if ((uint)index >= (uint)NamesOf(what).Count)
            {
                throw new ArgumentOutOfRangeException(nameof(index), index, $"the names of {what} are 0 to {NamesOf(what).Count - 1}");
            }

            return what == GameCount.FieldClamped ? _fields[index].Table.Clamped(_fields[index].Column) : Volatile.Read(ref _counts[(int)what][index]);
        }
    }

    /// <summary>Sum over all names.</summary>
    public long TotalOf(GameCount what)
    {
        long total = 0;
        for (int i = 0; i < _names[Place(what)].Length; i++)
        {
            total += this[what, i];
        }

        return total;
    }

    private static int Place(GameCount what) => Argument.InRange((int)what, 0, Kinds - 1, nameof(what));

    internal void Add(GameCount what, int index)
    {
        ref long count = ref _counts[(int)what][index];
        Volatile.Write(ref count, count + 1); // one writer; a reader never sees half of it
    }

    private void AddFields(string owner, FieldTable table, List<string> names)
    {
        for (int i = 0; i < table.Count; i++)
        {
            names.Add($"{owner}.{table.Columns[i].Name}");
            _fields.Add((table, i));
        }
    }

    private void Name(string[] names, params GameCount[] kinds)
    {
        foreach (GameCount kind in kinds)
        {
            _names[(int)kind] = names;
            _counts[(int)kind] = new long[names.Length];
        }
    }
}
