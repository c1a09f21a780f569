using System.Text.Json;
using GameServer.Hosting;
using GameServer.Netcode.Client;
using GameServer.Netcode.Primitives;

namespace GameServer.Bots;

/// <summary>The figures of a fleet as JSON; the README explains each field.</summary>
internal static class BotsJson
{
    public static void Write<TInput>(Utf8JsonWriter json, BotFleet<TInput> fleet)
        where TInput : unmanaged
    {
        BotClient<TInput>[] joined = [.. fleet.Bots.Where(static b => b.HasJoined)];
        ClientFigures[] settled = [.. joined.Select(static b => b.Figures).Where(static f => f.Samples > 0)];
        ClientFigures.Counts[] counts = [.. settled.Select(static f => f.Total)];
        var margin = new HistogramSnapshot();
        foreach (ClientFigures figures in settled)
        {
            var one = new HistogramSnapshot();
            one.Capture(figures.Margin);
            margin.Add(one);
        }

        json.WriteNumber("clients", fleet.Bots.Count);
        json.WriteNumber("connected", joined.Length);
        json.WriteNumber("lost", joined.Count(static b => b.WasLost));
        json.WriteNumber("rttMillis", Mean(settled, static f => f.RttMillis));
        json.WriteNumber("snapshotsReceived", counts.Sum(static c => c.Received));
        json.WriteNumber("snapshotsLost", counts.Sum(static c => c.Lost));
        json.WriteStartObject("corrections");
        json.WriteNumber("own", counts.Sum(static c => c.Own));
        json.WriteNumber("external", counts.Sum(static c => c.External));
        json.WriteNumber("starved", counts.Sum(static c => c.Starved));
        json.WriteEndObject();
        json.WriteNumber("unexplainedRollbacks", counts.Sum(static c => c.Unexplained));
        json.WriteNumber("maxCorrectionUnits", StatsJson.Round(settled.Select(static f => f.MaxCorrectionUnits).DefaultIfEmpty().Max()));
        json.WriteNumber("marginTicks", Ticks(margin.Percentile(50)));
        json.WriteNumber("marginTicksP1", Ticks(margin.Percentile(1)));
        json.WriteNumber("marginTicksP99", Ticks(margin.Percentile(99)));
        json.WriteNumber("leadTicks", Mean(settled, static f => f.LeadTicks));
        json.WriteNumber("interpolationDelayMillis", Mean(settled, static f => f.DelayMillis));
        json.WriteNumber("longestStallMillis", StatsJson.Round(fleet.LongestStallMillis));
        json.WriteNumber("replayedTicks", counts.Sum(static c => c.Replayed));
        json.WriteNumber("bytesIn", counts.Sum(static c => c.BytesIn));
        json.WriteNumber("bytesOut", counts.Sum(static c => c.BytesOut));
        WriteShots(json, counts);
        json.WriteNumber("eventGaps", counts.Sum(static c => c.EventGaps));
        json.WriteNumber("baselineMisses", counts.Sum(static c => c.BaselineMisses));
        WriteEnds(json, joined);
        WriteDrops(json, joined);
        WriteClients(json, joined);
    }

    private static void WriteClients<TInput>(Utf8JsonWriter json, BotClient<TInput>[] joined)
        where TInput : unmanaged
    {
        json.WriteStartArray("perClient");
        foreach (BotClient<TInput> bot in joined)
        {
            ClientFigures.Counts total = bot.Figures.Total;
            json.WriteStartObject();
            json.WriteNumber("seat", bot.Client.Player.Index);
            json.WriteString("end", RoomTelemetry.NameOf(bot.Client.EndReason));
            json.WriteNumber("received", total.Received);
            json.WriteNumber("lost", total.Lost);
            json.WriteNumber("rttMillis", StatsJson.Round(bot.Figures.RttMillis));
            json.WriteNumber("marginTicks", Ticks(bot.Figures.Margin.Percentile(50)));
            json.WriteNumber("leadTicks", StatsJson.Round(bot.Figures.LeadTicks));
            json.WriteNumber("interpolationDelayMillis", StatsJson.Round(bot.Figures.DelayMillis));
            json.WriteNumber("bytesIn", total.BytesIn);
            json.WriteNumber("bytesOut", total.BytesOut);
            json.WriteNumber("fired", total.Fired);
            json.WriteNumber("starved", total.Starved);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteShots(Utf8JsonWriter json, ClientFigures.Counts[] counts)
    {
        json.WriteStartObject("shots");
        json.WriteNumber("fired", counts.Sum(static c => c.Fired));
        json.WriteNumber("claimedHits", counts.Sum(static c => c.Claimed));
        json.WriteNumber("confirmedHits", counts.Sum(static c => c.Confirmed));
        json.WriteStartObject("claimedHitsBy");
        foreach (HitFate fate in Enum.GetValues<HitFate>())
        {
            json.WriteNumber(JsonNamingPolicy.CamelCase.ConvertName(fate.ToString()), counts.Sum(c => c.Hits[(int)fate]));
        }

        json.WriteEndObject();
        json.WriteNumber("disagreements", counts.Sum(static c => c.Disagreements));
        json.WriteNumber("extrapolated", counts.Sum(static c => c.Extrapolated));
        json.WriteNumber("clamped", counts.Sum(static c => c.Clamped));
        json.WriteNumber("apart", counts.Sum(static c => c.Apart));
        json.WriteEndObject();
    }

    private static void WriteEnds<TInput>(Utf8JsonWriter json, BotClient<TInput>[] joined)
        where TInput : unmanaged
    {
        json.WriteStartObject("endReasons");
        foreach (IGrouping<string, BotClient<TInput>> group in joined.GroupBy(static b => RoomTelemetry.NameOf(b.Client.EndReason)))
        {
            json.WriteNumber(group.Key, group.Count());
        }

        json.WriteEndObject();
    }

    private static void WriteDrops<TInput>(Utf8JsonWriter json, BotClient<TInput>[] joined)
        where TInput : unmanaged
    {
        json.WriteStartObject("drops");
        foreach (DropReason reason in Enum.GetValues<DropReason>())
        {
            long count = reason == DropReason.None ? 0 : joined.Sum(b => b.Client.Drops[reason]);
            if (count > 0)
            {
                json.WriteNumber(JsonNamingPolicy.CamelCase.ConvertName(reason.ToString()), count);
            }
        }

        json.WriteEndObject();
    }

    private static double Mean(ClientFigures[] figures, Func<ClientFigures, double> value) =>
        StatsJson.Round(figures.Select(value).DefaultIfEmpty().Average());

    private static double Ticks(long recorded) => (recorded - ClientFigures.MarginOffset) / 100.0;
}
