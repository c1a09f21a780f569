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
using GameServer.Bench.Transport;
using GameServer.Netcode.Server;

namespace GameServer.Bench.Allocations;

/// <summary>Runs the hot calls and fails when one allocates more than its number. Quick enough for every build: nothing is timed.</summary>
internal static class AllocationsProgram
{
    private const int WarmUpCalls = 200;
    private const int Calls = 200;
    private const int Trials = 3;

    /// <summary>A hot call with the bytes that it may allocate.</summary>
    private sealed record Case(string Name, int BytesMax, Action Call, Action? Before = null);

    public static int Run(string[] args)
    {
        if (!new ProgramOptions("allocations", "fails (exit code 1) when a hot call allocates more than it may").TryParse(args, out int exitCode))
        {
            return exitCode;
        }

        int failed = 0;
        int run = 0;
        foreach (Func<IEnumerable<Case>> part in Parts())
        {
            foreach (Case hot in part())
            {
                double bytes = Measure(hot);
                bool passes = bytes <= hot.BytesMax;
                run++;
                failed += passes ? 0 : 1;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(passes ? "ok  " : "FAIL")}  {hot.Name,-44} {bytes,8:0.##} B per call, {hot.BytesMax} allowed"));
            }
        }

        Console.WriteLine($"{run - failed} passed, {failed} failed");
        return failed == 0 ? 0 : 1;
    }

    // The least of some trials: what the runtime itself does now and then, such as compiling a loop anew, is nobody's fault.
    private static double Measure(Case hot)
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

    // Made one after the other, so that one part's memory is not kept for the next.
    private static IEnumerable<Func<IEnumerable<Case>>> Parts() => [OfPrimitives, OfGame, OfInputs, OfSnapshots, OfRewind, OfTransport, OfRoom, OfClient];

    private static IEnumerable<Case> OfPrimitives()
    {
        var bits = new BitStreamBenchmarks();
        bits.Setup();
        yield return new Case("BitWriter.Write", 0, () => bits.Write());
        yield return new Case("BitReader.Read", 0, () => bits.Read());
        var messages = new MessagePackBenchmarks();
        messages.Setup();
        yield return new Case("MessagePackWriter", 0, () => messages.Write());
        yield return new Case("MessagePackReader", 0, () => messages.Read());
    }

    private static IEnumerable<Case> OfGame()
    {
        var codec = new FieldCodecBenchmarks();
        codec.Setup();
        yield return new Case("FieldTable.Capture", 0, () => codec.Capture());
        yield return new Case("FieldCodec.Write", 0, () => codec.Write());
        yield return new Case("FieldCodec.Read", 0, () => codec.Read());
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
        yield return new Case("SnapshotHistory.Capture", 0, () => history.Capture());
        var writer = new SnapshotWriterBenchmarks();
        writer.Setup();
        yield return new Case("SnapshotWriter.Build and Write", 0, () => writer.BuildAndWrite());
        var reader = new SnapshotReaderBenchmarks();
        reader.Setup();
        yield return new Case("SnapshotReader.TryRead, 200 snapshots", 0, () => reader.Read(), reader.Begin);
    }

    private static IEnumerable<Case> OfRewind()
    {
        var view = new RewoundViewBenchmarks();
        view.Setup();
        yield return new Case("RewoundView.Raycast", 0, () => view.Raycast());
    }

    private static IEnumerable<Case> OfTransport()
    {
        var endpoint = new TransportEndpointBenchmarks();
        endpoint.Setup();
        yield return new Case("TransportEndpoint, unreliable", 0, () => endpoint.Unreliable());
        yield return new Case("TransportEndpoint, reliable ordered", 0, () => endpoint.ReliableOrdered());
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
        yield return new Case("Arena match of 16 clients, one frame of all", 0, () => match.UpdateInMatch());
    }
}
