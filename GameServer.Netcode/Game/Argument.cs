namespace GameServer.Netcode.Game;

/// <summary>Refuses wrong arguments and options by name, with the value and what is allowed.</summary>
internal static class Argument
{
    /// <summary>The value, which is not null; <paramref name="text"/> says what to give.</summary>
    public static T Given<T>(T? value, string name, string text)
        where T : class => value ?? throw new ArgumentNullException(name, text);

    /// <summary>Refuses a number outside of a range, whose ends are allowed; <paramref name="what"/> comes before the range.</summary>
    public static int InRange(int value, int min, int max, string name, string what = "") => value >= min && value <= max
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{what}{min} to {max}");

    /// <summary>Refuses a number that names no member of an enumeration.</summary>
    public static void Defined<T>(T value, string name)
        where T : struct, Enum
    {
        if (value.ToString() is [(>= '0' and <= '9') or '-', ..]) // a member has a name, anything else is shown as its number
        {
            throw new ArgumentOutOfRangeException(name, value, $"one of {typeof(T).Name}");
        }
    }
}
