using System.Globalization;
using GameServer.Configuration;

namespace GameServer.Hosting;

/// <summary>What is wrong with one parameter of a match.</summary>
/// <param name="Name">The parameter as it was written.</param>
/// <param name="Value">Its value.</param>
/// <param name="Text">What is allowed.</param>
public sealed record MatchParameterProblem(string Name, string Value, string Text);

/// <summary>A parameter of a match that a game reads. The host tells operators of values that the game would pass over in silence.</summary>
/// <param name="Name">Its name, as in <c>--match-config</c>.</param>
/// <param name="Allowed">What is allowed, for messages.</param>
/// <param name="IsAllowed">Whether a value is.</param>
public sealed record MatchParameter(string Name, string Allowed, Func<string, bool> IsAllowed)
{
    // What the host and the orchestrators put beside a game's own.
    private static readonly string[] OfTheHost = ["traceparent", "tracestate", "match-id", "session-cookie", "initial-players"];

    /// <summary>A whole number.</summary>
    public static MatchParameter Whole(string name, int min, int max) => new(
        name, $"a whole number from {min} to {max}",
        text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= min && number <= max);

    /// <summary>One of some words.</summary>
    public static MatchParameter Choice(string name, params string[] words) => new(name, "one of " + string.Join(", ", words), text => Array.IndexOf(words, text) >= 0);

    /// <summary>Any text.</summary>
    public static MatchParameter Text(string name) => new(name, "any text", static _ => true);

    /// <summary>What of <paramref name="parameters"/> the game does not read; nothing when it has not said what it reads.</summary>
    public static IEnumerable<MatchParameterProblem> Check(IReadOnlyList<MatchParameter>? known, IReadOnlyDictionary<string, string> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        foreach ((string name, string value) in parameters)
        {
            if (known is null || OfTheHost.Contains(name[(name.LastIndexOf('/') + 1)..], StringComparer.Ordinal))
            {
                continue;
            }

            if (known.FirstOrDefault(p => p.Name == name) is not { } parameter)
            {
                string all = known.Count == 0 ? "none" : string.Join(", ", known.Select(static p => p.Name));
                yield return new MatchParameterProblem(name, value, $"the game has no such parameter; allowed: {all}.{NearestName.Hint(name, known.Select(static p => p.Name))}");
            }
            else if (!parameter.IsAllowed(value))
            {
                yield return new MatchParameterProblem(name, value, "allowed: " + parameter.Allowed);
            }
        }
    }
}
