using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using NUnit.Framework.Api;
using NUnit.Framework.Interfaces;

namespace GameServer.Tests.Mutants;

/// <summary>
/// Runs the tests against one mutant after another in this process, each only by the tests that reach its place, quickest first. For a build in which
/// all mutants are compiled behind numbers (<c>GameServer.Bench -- mutation</c> makes one).
/// </summary>
/// <remarks>
/// One line on standard output per result: <c>test milliseconds numbers…</c> of a survey, <c>mutant number noticed|lives …</c> of a run. A mutant that hangs or
/// brings the process down is noticed by whoever started it.
/// </remarks>
internal sealed class MutantHost : ITestListener
{
    // These read the source instead of running it, and would find the mutants themselves.
    private static readonly string[] s_notSource = ["GameServer.Tests.Source.", "GameServer.Tests.Mutants.", "GameServer.Tests.Readme."];
    private static readonly string[] s_notQuick = ["Socket", "LiteNetLib", "Process"];

    private readonly NUnitTestAssemblyRunner _runner = new(new DefaultTestAssemblyBuilder());
    private readonly Dictionary<string, double> _millis = [];
    private readonly Switch _switch = new();
    private readonly bool _isSurvey;
    private string? _firstFailed;
    private long _busySince;

    private MutantHost(bool isSurvey)
    {
        _isSurvey = isSurvey;
        _runner.Load(typeof(MutantHost).Assembly, new Dictionary<string, object> { ["NumberOfTestWorkers"] = 0, ["StopOnError"] = !isSurvey });
    }

    public static int Main(string[] args)
    {
        switch (args)
        {
            case ["survey"]:
                return new MutantHost(isSurvey: true).Survey();
            case ["run", string survey, .. string[] mutants]:
                new MutantHost(isSurvey: false).Run(File.ReadAllLines(survey), [.. mutants.Select(int.Parse)]);
                return 0;
            default:
                Console.Error.WriteLine("these are tests: dotnet test -c Release");
                return 2;
        }
    }

    /// <summary>Runs every test without a mutant, one at a time, and says how long it took and which mutants' places it came by.</summary>
    private int Survey()
    {
        _switch.Watch();
        ITestResult result = _runner.Run(this, new Chosen(IsWanted));
        return result.FailCount == 0 ? 0 : 1;
    }

    private void Run(string[] survey, int[] mutants)
    {
        var tests = new List<(string Name, double Millis, HashSet<int> Mutants)>();
        foreach (string[] line in survey.Select(static l => l.Split('\t')).Where(static l => l is ["test", ..]))
        {
            tests.Add((line[1], double.Parse(line[2], CultureInfo.InvariantCulture), [.. line[3].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)]));
        }

        tests.Sort(static (a, b) => a.Millis.CompareTo(b.Millis));
        tests.ForEach(t => _millis[t.Name] = t.Millis);
        foreach (int mutant in mutants)
        {
            Console.WriteLine($"begin\t{mutant}");
            string[] touching = [.. tests.Where(t => t.Mutants.Contains(mutant)).Select(static t => t.Name)];
            string? noticedBy = touching.Length == 0 ? null : FirstRed(mutant, touching);
            Console.WriteLine($"mutant\t{mutant}\t{(noticedBy is null ? "lives" : "noticed")}\t{noticedBy ?? $"{touching.Length} tests"}");
            if (noticedBy is not null && FirstRed(-1, [noticedBy]) is not null)
            {
                // What the mutant left behind in the process would be blamed on the next one.
                Console.WriteLine("spoiled");
                return;
            }
        }
    }

    private string? FirstRed(int mutant, string[] tests)
    {
        _switch.Set(mutant);
        try
        {
            double[] bounds = [50, 500, 5_000, double.PositiveInfinity];
            double from = -1;
            foreach (double to in bounds)
            {
                HashSet<string> group = [.. tests.Where(t => _millis[t] > from && _millis[t] <= to)];
                from = to;
                if (group.Count > 0 && FirstRed(group) is { } red)
                {
                    return red;
                }
            }

            return null;
        }
        finally
        {
            _switch.Set(-1);
        }
    }

    private string? FirstRed(HashSet<string> tests)
    {
        _firstFailed = null;
        // Longer than this is a mutant that hangs; a busy machine may take several times as long as the survey did.
        var patience = TimeSpan.FromMilliseconds(60_000 + (20 * tests.Sum(t => _millis[t])));
        using var timer = new Timer(static _ => Hang(), null, patience, Timeout.InfiniteTimeSpan);
        _runner.Run(this, new Chosen(t => tests.Contains(t.FullName) && IsWanted(t)));
        return _firstFailed;
    }

    private static void Hang()
    {
        Console.WriteLine("hangs");
        Console.Out.Flush();
        Process.GetCurrentProcess().Kill();
    }

    private static bool IsWanted(ITest test)
    {
        if (Array.Exists(s_notSource, prefix => test.FullName.StartsWith(prefix, StringComparison.Ordinal)))
        {
            return false;
        }

        for (ITest? up = test; up is not null; up = up.Parent)
        {
            if (up.RunState is not RunState.Runnable || up.Properties["Category"].Cast<string>().Any(s_notQuick.Contains))
            {
                return false;
            }
        }

        return true;
    }

    public void TestStarted(ITest test) => _busySince = Stopwatch.GetTimestamp();

    public void TestFinished(ITestResult result)
    {
        if (result.Test.IsSuite)
        {
            return;
        }

        if (result.ResultState.Status == TestStatus.Failed)
        {
            _firstFailed ??= result.FullName;
        }

        if (_isSurvey)
        {
            double millis = Stopwatch.GetElapsedTime(_busySince).TotalMilliseconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"test\t{result.FullName.ReplaceLineEndings(" ")}\t{millis:0.0}\t{string.Join(' ', _switch.TakeTouched())}"));
            if (result.ResultState.Status == TestStatus.Failed)
            {
                Console.WriteLine($"red\t{result.FullName}\t{result.Message.ReplaceLineEndings(" ")}");
            }
        }
    }

    public void TestOutput(TestOutput output)
    {
    }

    public void SendMessage(TestMessage message)
    {
    }

    /// <summary>Chosen tests alone, and the suites that hold any.</summary>
    private sealed class Chosen(Func<ITest, bool> choose) : ITestFilter
    {
        private readonly ConcurrentDictionary<ITest, bool> _known = new();

        public bool Pass(ITest test) => Pass(test, negated: false);

        public bool Pass(ITest test, bool negated) => _known.GetOrAdd(test, t => t.IsSuite ? t.Tests.Any(Pass) : choose(t));

        public bool IsExplicitMatch(ITest test) => false;

        public TNode ToXml(bool recursive) => new("chosen");

        public TNode AddToXml(TNode parentNode, bool recursive) => parentNode;
    }

    /// <summary>The number behind which the mutants stand, in the library that was made with them.</summary>
    private sealed class Switch
    {
        private readonly FieldInfo _number;
        private readonly FieldInfo _touched;

        public Switch()
        {
            Type type = typeof(Netcode.Primitives.Tick).Assembly.GetType("GameServer.Netcode.Primitives.ActiveMutant")
                ?? throw new InvalidOperationException("this build has no mutants in it: GameServer.Bench -- mutation makes one");
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
            _number = type.GetField("Number", BindingFlags.Static | BindingFlags.NonPublic)!;
            _touched = type.GetField("Touched", BindingFlags.Static | BindingFlags.NonPublic)!;
        }

        public void Set(int mutant) => _number.SetValue(null, mutant);

        public void Watch() => _touched.SetValue(null, new bool[10_000]);

        public List<int> TakeTouched()
        {
            var touched = (bool[])_touched.GetValue(null)!;
            List<int> numbers = [.. Enumerable.Range(0, touched.Length).Where(i => touched[i])];
            Array.Clear(touched);
            return numbers;
        }
    }
}
