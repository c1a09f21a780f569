using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;

namespace GameServer.Tests.Inputs;

/// <summary>P6 at its limits: how many presses of a button may wait, and what rides where.</summary>
public sealed class PressCountsTests
{
    private static readonly FieldTable Table = new([new FieldSpec("pressed0", FieldType.Pressed, 2, 30), new FieldSpec("pressed5", FieldType.Pressed, 2, 6, default, 5)]);

    [TestCase(1)]
    [TestCase(62)]
    [TestCase(63)]
    public void Execute_SoManyWait_EachInputTakesOne(int presses)
    {
        (PressCounts client, PressCounts server, int[] row) = Press(presses, button: 5);
        for (int i = 1; i <= presses; i++)
        {
            Assert.That(server.Execute(row), Is.EqualTo(1 << 5));
            Assert.That(server.HasMore, Is.EqualTo(i < presses));
        }

        Assert.That(server.Execute(row), Is.Zero, "none is repeated");
        Assert.That((client.Total, client.Merged, server.Total), Is.EqualTo(((long)presses, 0L, (long)presses)));
    }

    [Test]
    public void Limit_OneMoreThanCanBeToldApart_IsTakenOutAndCounted()
    {
        (PressCounts client, PressCounts server, int[] row) = Press(64, button: 4);
        Assert.That((client.Total, client.Merged), Is.EqualTo((63L, 1L)));
        Assert.That(server.Execute(row), Is.EqualTo(1 << 4));
        client.NoteExecuted(row); // an input with these counts was executed as sent
        int[] next = [1 << 24, 0];
        client.Limit(next);
        Assert.That(next[0], Is.Not.Zero, "there is room again");
    }

    [Test]
    public void Count_ManyMoreThanACountHolds_EachIsExecutedOnce()
    {
        var client = new PressCounts(Table);
        var server = new PressCounts(Table);
        for (int i = 0; i < 1000; i++)
        {
            int[] row = [i % 3 == 0 ? 1 | (1 << 12) : 0, i % 2];
            int expected = (i % 3 == 0 ? 0b101 : 0) | (i % 2 << 5);
            client.Limit(row);
            client.Count(row);
            Assert.That(server.Execute(row), Is.EqualTo(expected), $"input {i}");
            client.NoteExecuted(row);
        }

        Assert.That((client.Merged, client.Total), Is.EqualTo((0L, server.Total)));
    }

    [Test]
    public void Clear_AnotherPlayer_BeginsAtNone()
    {
        (_, PressCounts server, int[] row) = Press(3, button: 0);
        server.Execute(row);
        server.Clear();
        Assert.That((server.Total, server.HasMore), Is.EqualTo((0L, false)));
        Assert.That(server.Execute([1, 0]), Is.EqualTo(1));
    }

    private static (PressCounts Client, PressCounts Server, int[] Row) Press(int presses, int button)
    {
        var client = new PressCounts(Table);
        int[] row = [0, 0];
        for (int i = 0; i < presses; i++)
        {
            row = button < 5 ? [1 << (6 * button), 0] : [0, 1];
            client.Limit(row);
            client.Count(row);
        }

        return (client, new PressCounts(Table), row);
    }
}
