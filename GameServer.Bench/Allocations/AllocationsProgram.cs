using System.Globalization;
using GameServer.Bench.Client;
using GameServer.Bench.Game;
using GameServer.Bench.Inputs;
using GameServer.Bench.Messages;
using GameServer.Bench.Primitives;
using GameServer.Bench.Programs;
using GameServer.Bench.Rewind;
using GameServer.Bench.Rooms;
using GameServer.Bench.Snapshots;
using GameServer.Bench.Sockets;
using GameServer.Bench.Transport;
using GameServer.Netcode.Server;

namespace GameServer.Bench.Allocations;

/// <summary>Runs the hot calls and fails when one allocates more than its number; tells what each takes on the way.</summary>
/// <remarks>
/// Time is processor time of the thread, the median of batches, so that a busy machine disturbs it less than a clock. BenchmarkDotNet has the
/// finer figures of the same calls.
/// </remarks>
internal static class AllocationsProgram
{
    private const int WarmUpCalls = 200;
    private const int Calls = 200;
    private const int Trials = 3;
    private const int Batches = 41;
    private const long BatchNanos = 4_000_000;

    /// <summary>A hot call with the bytes that it may allocate, and how often it does what is counted.</summary>
    private sealed record Case(string Name, int BytesMax, Action Call, int Operations = 1, Action? Before = null);

    public static int Run(string[] args)
    {
        ProgramOptions options = new ProgramOptions("allocations", "fails (exit code 1) when a hot call allocates more than it may")
            .Flag("--no-time", "leaves the times out");
        if (!options.TryParse(args, out int exitCode))
        {
            return exitCode;
        }

        Console.WriteLine(Machine.Line);
        Console.WriteLine($"load {Machine.Load}; B per call, ns of processor time per operation (median)");
        int failed = 0;
        int run = 0;
        foreach (Func<IEnumerable<Case>> part in Parts())
        {
            foreach (Case hot in part())
            {
                double bytes = MeasureBytes(hot);
                string nanos = options.Has("--no-time") ? "" : MeasureNanos(hot).ToString("N1", CultureInfo.InvariantCulture);
                bool passes = bytes <= hot.BytesMax;
                run++;
                failed += passes ? 0 : 1;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(passes ? "ok  " : "FAIL")}  {hot.Name,-44} {bytes,8:0.##} B, {hot.BytesMax} allowed {nanos,12}"));
            }
        }

        Console.WriteLine($"{run - failed} passed, {failed} failed");
        return failed == 0 ? 0 : 1;
    }

    // The least of some trials: what the runtime itself does now and then, such as compiling a loop anew, is nobody's fault.
    private static double MeasureBytes(Case hot)
    {
        hot.Before?.Invoke();
        for (int i = 0; i < WarmUpCalls && hot.Before is null; i++)
        {
            hot.Call();
        }

        double least = double.MaxValue;
        int calls = hot.Before is null ? Calls : 1;
        for (int trial = 0; trial < Trials; trial++)
        {
            hot.Before?.Invoke();
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < calls; i++)
            {
                hot.Call();
            }

            least = Math.Min(least, (double)(GC.GetAllocatedBytesForCurrentThread() - before) / calls);
        }

        return least;
    }

    private static double MeasureNanos(Case hot)
    {
        int calls = 1;
        var batches = new Samples(Batches);
        while (batches.Count < Batches)
        {
            hot.Before?.Invoke();
            long start = ThreadCpuClock.Nanos;
            for (int i = 0; i < calls; i++)
            {
                hot.Call();
            }

            long nanos = ThreadCpuClock.Nanos - start;
            if (nanos < BatchNanos / 2 && hot.Before is null)
            {
                calls *= 2; // too short for the clock
                batches.Clear();
                continue;
            }

            batches.Add((double)nanos / calls / hot.Operations);
        }

        return batches.Percentile(50);
    }

    // Made one after the other, so that one part's memory is not kept for the next.
    private static IEnumerable<Func<IEnumerable<Case>>> Parts() => [OfPrimitives, OfGame, OfInputs, OfSnapshots, OfRewind, OfTransport, OfRoom, OfClient];

    private static IEnumerable<Case> OfPrimitives()
    {
        var bits = new BitStreamBenchmarks();
        bits.Setup();
        yield return new Case("BitWriter.Write, per number", 0, () => bits.Write(), 100);
        yield return new Case("BitReader.Read, per number", 0, () => bits.Read(), 100);
        var messages = new MessagePackBenchmarks();
        messages.Setup();
        yield return new Case("MessagePackWriter", 0, () => messages.Write());
        yield return new Case("MessagePackReader", 0, () => messages.Read());
    }

    private static IEnumerable<Case> OfGame()
    {
        var codec = new FieldCodecBenchmarks();
        codec.Setup();
        yield return new Case("FieldTable.Capture, per entity", 0, () => codec.Capture(), 100);
        yield return new Case("FieldCodec.Write, per entity", 0, () => codec.Write(), 100);
        yield return new Case("FieldCodec.Read, per entity", 0, () => codec.Read(), 100);
    }

    private static IEnumerable<Case> OfInputs()
    {
        var packet = new InputPacketBenchmarks();
        packet.Setup();
        yield return new Case("InputPacket.Write", 0, () => packet.Write());
        yield return new Case("InputPacket.TryRead", 0, () => packet.Read());
        var buffer = new InputBufferBenchmarks();
        buffer.Setup();
        yield return new Case("InputBuffer.TryAdd and Take", 0, () => buffer.AddAndTake());
    }

    private static IEnumerable<Case> OfSnapshots()
    {
        var history = new SnapshotHistoryBenchmarks();
        history.Setup();
        yield return new Case("SnapshotHistory.Capture, 100 entities", 0, () => history.Capture());
        var writer = new SnapshotWriterBenchmarks();
        writer.Setup();
        yield return new Case("SnapshotWriter.Build, per entity", 0, () => writer.Build(), 100);
        yield return new Case("SnapshotWriter.Build and Write, per entity", 0, () => writer.BuildAndWrite(), 100);
        var reader = new SnapshotReaderBenchmarks();
        reader.Setup();
        yield return new Case("SnapshotReader.TryRead, per entity", 0, () => reader.Read(), 20_000, reader.Begin);
    }

    private static IEnumerable<Case> OfRewind()
    {
        var view = new RewoundViewBenchmarks();
        view.Setup();
        yield return new Case("RewoundView.Raycast, 1,000 hitboxes", 0, () => view.Raycast());
    }

    private static IEnumerable<Case> OfTransport()
    {
        var endpoint = new TransportEndpointBenchmarks();
        endpoint.Setup();
        yield return new Case("TransportEndpoint, unreliable, per message", 0, () => endpoint.Unreliable(), 64);
        yield return new Case("TransportEndpoint, reliable, per message", 0, () => endpoint.ReliableOrdered(), 64);
    }

    private static IEnumerable<Case> OfRoom()
    {
        var crowd = new CrowdRoom(new CrowdSizes(64, 64, 60, 1200, 4), new RoomObserver());
        yield return new Case("Room.Drain and Step, 64 clients", 0, () => crowd.Run(1));
    }

    private static IEnumerable<Case> OfClient()
    {
        var match = new GameClientBenchmarks();
        match.Setup();

        // A client allocates when it owns an entity in a slot for the first time: each of the bots' rockets may.
        yield return new Case("Arena match, frame of one of 16 clients", 512, () => match.UpdateInMatch(), 16);
    }
}
