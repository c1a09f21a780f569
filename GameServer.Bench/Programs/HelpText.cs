namespace GameServer.Bench.Programs;

/// <summary>What is printed for no arguments and for <c>--help</c>.</summary>
internal static class HelpText
{
    public const string Programs = """
        dotnet run -c Release --project GameServer.Bench -- PROGRAM [options]

          room         a room without sockets: time, bytes and allocation per tick
          ticks        a whole server with its threads and synthetic clients over loopback: punctuality
          lab          how many times faster than real time the virtual-time lab runs
          cheats       what a dozen cheats gain beside honest bots, in virtual time; exit code 1 when one gains too much
          echo         processor time of the transport per datagram, beside the bare system calls
          attack       attacks on the transport with honest clients beside them; exit code 1 when a bound is missed
          scrapes      what scrapes and idle HTTP connections cost the tick
          starts       from process start to the ready line, published and ordinary build
          tiering      the tick's p99 per second after the start, by settings of the compiler
          allocations  the hot calls, each with the bytes that it may allocate; exit code 1 when one allocates more
          pairs        the ratio of a figure between two builds, by the rule of docs/BENCHMARKS.md; exit code 1 above the bound
          throughput   reliable messages a second beside the package LiteNetLib at 0, 2 and 5 % loss; exit code 1 when a ratio is too small
          mutation     changes one operator of the library at a time and counts what the tests notice

        PROGRAM --help explains its options. Everything that begins with a dash goes to BenchmarkDotNet:

          --list flat            the benchmarks
          --filter '*Codec*'     those to run
        """;
}
