using GameServer.Arena;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Tests.Support;

namespace GameServer.Tests.Client;

/// <summary>A client of a server whose every word comes damaged: it counts, and plays on or ends, but never throws.</summary>
public sealed class MutatedServerTests
{
    private const int Packets = 100_000;

    [Test]
    public void Receive_MutatedPayloads_NeverThrowsAndEveryReasonIsCounted()
    {
        byte[][] snapshots = LabRecorder.Snapshots();
        byte[][] messages = MakeMessages();
        var mutator = new LabMutator(61);
        var random = DeterministicRandom.From(62, 1);
        var scratch = new byte[16 * 1024];
        var counts = new long[DropCounters.Count];
        long predicted = 0;
        for (int i = 0; i < Packets;)
        {
            var client = new GameClient<ArenaInput>(new ArenaGame(), static (_, _) => { });
            long now = 0;
            int next = 0;
            client.Connected("somebody", now);
            for (int n = 0; n < 2000; n++, i++)
            {
                now += 2000;
                Feed(client, n, now, ref next);
                if (n % 4 == 0)
                {
                    client.Update(now, static (ref ArenaInput input) => input.Buttons.Set(ArenaInput.Fire, true));
                    _ = client.View.Of(ArenaGame.Soldiers).Count + client.View.Of(ArenaGame.Rockets).Count;
                }
            }

            predicted += client.Stats.ShotsFired;
            foreach (DropReason reason in Enum.GetValues<DropReason>())
            {
                counts[(int)reason] += client.Drops[reason];
            }
        }

        foreach (DropReason reason in new[]
        {
            DropReason.PacketKindUnknown, DropReason.MessageMalformed, DropReason.MessageUnexpected, DropReason.SnapshotBeforeWelcome, DropReason.SnapshotMalformed,
            DropReason.SnapshotOld, DropReason.SnapshotDuplicate, DropReason.SnapshotBaselineMissing, DropReason.SnapshotEntityUnknown,
        })
        {
            Assert.That(counts[(int)reason], Is.GreaterThan(0), $"{reason} was never counted");
        }

        Assert.That(predicted, Is.GreaterThan(100), "no client ever played");

        void Feed(GameClient<ArenaInput> client, int n, long now, ref int next)
        {
            if (n == 60)
            {
                client.Receive(messages[0], isReliable: true, now); // the welcome itself, so that most of them play
            }
            else if (random.NextBool(0.3f))
            {
                client.Receive(mutator.Mutate(messages, scratch), isReliable: random.NextBool(0.9f), now);
            }
            else if (random.NextBool(0.1f) && next < snapshots.Length)
            {
                client.Receive(snapshots[next++], isReliable: false, now);
            }
            else
            {
                byte[][] near = snapshots[Math.Max(0, next - 3)..Math.Min(snapshots.Length, next + 5)];
                client.Receive(mutator.Mutate(near.Length > 0 ? near : snapshots, scratch), isReliable: random.NextBool(0.02f), now);
            }
        }
    }

    private static byte[][] MakeMessages()
    {
        var buffer = new byte[16 * 1024];
        Schema schema = GameSchema<ArenaInput>.Of(new ArenaGame());
        return
        [
            buffer[..new WelcomeMessage(0, 60, new Tick(uint.MaxValue - 150), 1200, 5000, 250, 9).Write(buffer)],
            buffer[..ControlMessage.WriteDraining(buffer, 30)],
            buffer[..NoticeMessage.Write(buffer, "maintenance at six")],
            buffer[..ControlMessage.WriteChat(buffer, 3, "hello, all of you")],
            buffer[..SchemaMessage.Write(buffer, schema)],
        ];
    }
}
