using GameServer.Netcode.Game;

namespace GameServer.Netcode.Snapshots;

/// <summary>How large the parts of a snapshot can become, and whether a game fits a budget at all.</summary>
internal static class SnapshotSizes
{
    /// <summary>Most bits before the lists: <see cref="SnapshotHeader"/> with three signed numbers of eight groups each.</summary>
    public const int HeaderBits = 8 + 16 + 32 + 1 + 1 + 7 + 1 + (3 * 40) + 1 + 5;

    /// <summary>Three end marks and the mark of the own block.</summary>
    public const int EndBits = 4;

    /// <summary>Most bits of an own entity's record besides its row: more, slot, operation, identity, ordinal, external.</summary>
    public const int OwnedRecordBits = 1 + 12 + 2 + 16 + 8 + 40 + 1 + 8 + 1 + 5;

    /// <summary>Most bits of another entity's record besides its row: more, slot, operation, identity, span.</summary>
    public const int SeenRecordBits = 1 + 15 + 2 + 16 + 8 + 10 + 1 + 15;

    /// <summary>Most bits of an event besides its row: more, sequence, reliable, key, age, ordinal, verdict, event.</summary>
    public const int EventBits = 1 + 16 + 1 + 1 + 40 + 8 + 1 + 5;

    /// <summary>Oldest age of a spawn that is told of what is not the client's own; nothing depends on it beyond.</summary>
    public const uint SpawnAgeMax = 255;

    private const int TransportBytes = 1;

    /// <summary>Smallest budget in which one record with a row of this size always fits.</summary>
    public static int BudgetFor(int rowBits, int recordBits) => ((HeaderBits + EndBits + recordBits + rowBits + 7) / 8) + TransportBytes;

    /// <summary>Refuses a game of which something could never be sent within a budget.</summary>
    /// <exception cref="ArgumentException">The message names the kind or event, its size and the smallest budget.</exception>
    public static void Check(Schema schema, int budgetBytes)
    {
        foreach (KindSchema kind in schema.Kinds)
        {
            if (!kind.IsSingleton)
            {
                Check($"entity kind '{kind.Name}' ({kind.SizeBytes} bytes to its owner)", BudgetFor(kind.Owned.BitsMax, OwnedRecordBits), budgetBytes);
            }

            Check($"entity kind '{kind.Name}' ({kind.Seen.Count} columns seen by others)", BudgetFor(kind.Seen.BitsMax, SeenRecordBits), budgetBytes);
        }

        foreach (EventSchema e in schema.Events)
        {
            Check($"event '{e.Name}' ({e.Fields.Count} columns)", BudgetFor(e.Fields.BitsMax, EventBits), budgetBytes);
        }
    }

    private static void Check(string what, int neededBytes, int budgetBytes)
    {
        if (neededBytes > budgetBytes)
        {
            throw new ArgumentException(
                $"{what} may need {neededBytes} snapshot bytes in a tick and BudgetBytes is {budgetBytes}: it could never be sent; allow at least {neededBytes} bytes or declare less");
        }
    }
}
