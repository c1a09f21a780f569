using System.Runtime.InteropServices;
using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Server;

/// <summary>Control messages and whole inbound records that came damaged.</summary>
public sealed class MutatedMessageTests
{
    private static readonly byte[][] Corpus = MakeCorpus();

    [Test]
    public void ControlMessages_MutatedBytes_NeverThrowAndEachReaderTakesAndRefuses()
    {
        var mutator = new LabMutator(41);
        var scratch = new byte[2048];
        var taken = new int[8];
        const int rounds = 120_000;
        for (int i = 0; i < rounds; i++)
        {
            ReadOnlySpan<byte> bytes = mutator.Mutate(Corpus, scratch);
            taken[0] += ControlMessage.TryReadKind(bytes, out _) ? 1 : 0;
            taken[1] += JoinMessage.TryRead(bytes, out JoinMessage join) ? 1 : 0;
            taken[2] += WelcomeMessage.TryRead(bytes, out WelcomeMessage welcome) ? 1 : 0;
            taken[3] += ReportMessage.TryRead(bytes, out ReportMessage report) ? 1 : 0;
            taken[4] += ControlMessage.TryReadRefuse(bytes, out LeaveReason reason, out string why) ? 1 : 0;
            taken[5] += ControlMessage.TryReadChat(bytes, out _, out string text) ? 1 : 0;
            taken[6] += ControlMessage.TryReadDraining(bytes, out int seconds) ? 1 : 0;
            taken[7] += NoticeMessage.TryRead(bytes, out string notice) ? 1 : 0;
            Assert.That(notice.Length, Is.LessThanOrEqualTo(Limits.NoticeCharsMax));
            Assert.That(join.Name is null || join.Name.Length <= Limits.PlayerNameCharsMax);
            Assert.That(text is null || text.Length <= Limits.ChatCharsMax);
            Assert.That(why.Length, Is.LessThanOrEqualTo(Limits.ReasonCharsMax), $"{reason}");
            Assert.That(report.LossPermille is >= 0 and <= 1000 || !ReportMessage.TryRead(bytes, out _));
        }

        Assert.That(taken, Has.All.GreaterThan(100).And.All.LessThan(rounds - 1000), string.Join(' ', taken));
    }

    [Test]
    public void Drain_MutatedRecords_NeverThrowsAndEveryReasonIsCounted()
    {
        var options = new RoomOptions { Seed = 1, PlayersMax = 4, SpectatorsMax = 1, PeersPerThread = 8 };
        var inbound = new InboundLane(1 << 20, options.PeersPerThread);
        var outbound = new SpscRing(1 << 20);
        Room room = Room.Create(new ArenaGame(), options, [inbound], [outbound]);
        byte[][] corpus = [.. Corpus, .. MakeInputs(), .. LabRecorder.Inputs()];
        var mutator = new LabMutator(42);
        var scratch = new byte[1400];
        var random = DeterministicRandom.From(43, 1);
        long now = 0;
        for (int i = 0; i < 100_000; i++)
        {
            bool reliable = random.NextBool(0.5f);
            ReadOnlySpan<byte> bytes = random.NextBool(0.1f) ? corpus[random.NextInt(corpus.Length)] : mutator.Mutate(corpus, scratch);
            RecordKind kind = random.NextInt(50) switch { 0 => RecordKind.Connect, 1 => RecordKind.Disconnect, _ => reliable ? RecordKind.Reliable : RecordKind.Unreliable };
            int slot = i % 400 < 80 ? i / 400 % 8 : random.NextInt(8); // now and then one peer sends more than its share
            Put(inbound.Ring, kind, (ushort)slot, bytes);
            if (i % 40 == 39 && i % 400 != 39)
            {
                now += 16_667;
                room.NextDeadlineMicros = now;
                room.Drain(now);
                room.Step();
                Empty(outbound);
            }
        }

        DropReason[] reasons =
        [
            DropReason.RecordsPerPeer, DropReason.SessionUnknown, DropReason.MessageMalformed, DropReason.MessageUnexpected, DropReason.PacketKindUnknown,
            DropReason.JoinMalformed, DropReason.InputMalformed, DropReason.InputAckUnsent, DropReason.InputLate, DropReason.InputTooFarAhead, DropReason.InputBeforeJoin,
        ];
        foreach (DropReason reason in reasons)
        {
            Assert.That(room.Drops[reason], Is.GreaterThan(0), $"{reason} was never counted");
        }
    }

    private static byte[][] MakeCorpus()
    {
        Schema schema = GameSchema<ArenaInput>.Of(new ArenaGame());
        var buffer = new byte[16 * 1024];
        return
        [
            buffer[..new JoinMessage("arena", 1, schema.Hash, "somebody", false).Write(buffer)],
            buffer[..new JoinMessage("arena", 1, schema.Hash, "watcher", true).Write(buffer)],
            buffer[..new JoinMessage("chess", 1, schema.Hash, "wrong", true).Write(buffer)],
            buffer[..new WelcomeMessage(3, 60, new Tick(77), 1200, 5000, 250, 9).Write(buffer)],
            buffer[..new ReportMessage(1, 2, 3, 90, 12, 60, 4).Write(buffer)],
            buffer[..ControlMessage.WriteRefuse(buffer, LeaveReason.Full, LeaveReasonText.Of(LeaveReason.Full))],
            buffer[..ControlMessage.WriteDraining(buffer, 30)],
            buffer[..NoticeMessage.Write(buffer, "maintenance at six")],
            buffer[..ControlMessage.WriteChat(buffer, 3, "hello, all of you")],
            buffer[..ControlMessage.WriteLeave(buffer, 639_307_699_266_584_415)],
        ];
    }

    private static byte[][] MakeInputs()
    {
        Schema schema = GameSchema<ArenaInput>.Of(new ArenaGame());
        var buffer = new byte[1400];
        return [.. Enumerable.Range(0, 60).Select(i =>
        {
            var packet = new InputPacket(schema.Input) { HasAck = i % 2 == 0, AckSequence = (ushort)(i * 40), AckBits = uint.MaxValue };
            for (int n = 0; n < i % 8; n++)
            {
                var tick = new Tick((uint)((i * 40) + n));
                packet.Add(tick, new ViewStamp(tick - 8, 0, tick - 5), schema.Input.ZeroRow);
            }

            return buffer[..packet.Write(buffer)];
        })];
    }

    private static void Put(SpscRing ring, RecordKind kind, ushort slot, ReadOnlySpan<byte> payload)
    {
        if (ring.TryClaim(RecordHeader.SizeBytes + payload.Length, 0, out Span<byte> record))
        {
            var header = new RecordHeader { Kind = kind, Slot = slot, Generation = 1 };
            MemoryMarshal.Write(record, in header);
            payload.CopyTo(record[RecordHeader.SizeBytes..]);
            ring.Publish(RecordHeader.SizeBytes + payload.Length);
        }
    }

    private static void Empty(SpscRing ring)
    {
        while (ring.TryPeek(out _))
        {
            ring.Release();
        }
    }
}
