namespace GameServer.Configuration;

/// <summary>Finds what somebody meant who wrote a name that does not exist.</summary>
internal static class NearestName
{
    /// <summary>" Did you mean …?" with the nearest of <paramref name="names"/>, or nothing when none is near.</summary>
    public static string Hint(string written, IEnumerable<string> names)
    {
        string plain = SettingSources.Normalise(written);
        string? best = null;
        int bestDistance = 1 + Math.Min(3, plain.Length / 3); // of "--x" nothing is near
        foreach (string name in names)
        {
            string other = SettingSources.Normalise(name);
            int distance = plain.Length >= 4 && other.StartsWith(plain, StringComparison.Ordinal) ? 1 : Distance(plain, other);
            if (distance < bestDistance)
            {
                (best, bestDistance) = (name, distance);
            }
        }

        return best is null ? "" : $" Did you mean {best}?";
    }

    /// <summary>How many letters must be changed, added, left out, or swapped with their neighbour.</summary>
    private static int Distance(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                cost[i, j] = i == 0 || j == 0 ? i + j : Math.Min(Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[a.Length, b.Length];
    }
}
