using System.Globalization;

namespace GameServer.Bench.Programs;

/// <summary>The options of one program: whole numbers, lists of them, and flags.</summary>
internal sealed class ProgramOptions(string program, string summary)
{
    private readonly List<Option> _options = [];

    /// <summary>Adds an option that takes one number.</summary>
    public ProgramOptions Number(string name, int fallback, int min, int max, string help) => Add(new Option(name, OptionKind.Number, [fallback], min, max, help));

    /// <summary>Adds an option that takes numbers, separated by commas.</summary>
    public ProgramOptions Numbers(string name, int[] fallback, int min, int max, string help) => Add(new Option(name, OptionKind.List, fallback, min, max, help));

    /// <summary>Adds an option that takes nothing.</summary>
    public ProgramOptions Flag(string name, string help) => Add(new Option(name, OptionKind.Flag, [0], 0, 1, help));

    public int this[string name] => Find(name)!.Values[0];

    public int[] List(string name) => Find(name)!.Values;

    public bool Has(string name) => Find(name)!.Values[0] != 0;

    /// <summary>Takes the arguments; false: the program ends with <paramref name="exitCode"/>, and what to say was said.</summary>
    public bool TryParse(string[] args, out int exitCode)
    {
        exitCode = 0;
        if (args.Any(static a => a is "--help" or "-h" or "-?"))
        {
            PrintHelp();
            return false;
        }

        for (int i = 0; i < args.Length; i++)
        {
            string? problem = Find(args[i]) is not { } option ? "unknown option; --help lists them"
                : option.Kind == OptionKind.Flag ? option.Set("1")
                : ++i == args.Length ? "a value is missing"
                : option.Set(args[i]);
            if (problem is not null)
            {
                Console.Error.WriteLine($"error: {program} {args[Math.Min(i, args.Length - 1)]}: {problem}");
                exitCode = 2;
                return false;
            }
        }

        return true;
    }

    private ProgramOptions Add(Option option)
    {
        _options.Add(option);
        return this;
    }

    private Option? Find(string name) => _options.Find(o => o.Name == name);

    private void PrintHelp()
    {
        Console.WriteLine($"{program}: {summary}");
        foreach (Option option in _options)
        {
            string value = option.Kind switch { OptionKind.Flag => "", OptionKind.List => " N,N,…", _ => " N" };
            string fallback = option.Kind == OptionKind.Flag ? "" : $" [{option.Text}]";
            Console.WriteLine($"  {option.Name + value,-20} {option.Help}{fallback}");
        }
    }

    private enum OptionKind
    {
        Number,
        List,
        Flag,
    }

    private sealed class Option(string name, OptionKind kind, int[] fallback, int min, int max, string help)
    {
        public string Name => name;

        public OptionKind Kind => kind;

        public string Help => help;

        public int[] Values { get; private set; } = fallback;

        public string Text => string.Join(',', Values);

        /// <summary>Takes the value; returns what is wrong with it, or null.</summary>
        public string? Set(string text)
        {
            string[] parts = kind == OptionKind.List ? text.Split(',') : [text];
            int[] values = new int[parts.Length];
            for (int i = 0; i < parts.Length; i++)
            {
                if (!int.TryParse(parts[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out values[i]) || values[i] < min || values[i] > max)
                {
                    return $"{name} takes {(kind == OptionKind.List ? "whole numbers" : "a whole number")} from {min} to {max}";
                }
            }

            Values = values;
            return null;
        }
    }
}
