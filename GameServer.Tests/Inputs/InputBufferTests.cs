using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Inputs;

/// <summary>P4: each input once, in its tick, or made up and counted.</summary>
public sealed class InputBufferTests
{
    private static readonly Schema Schema = GameSchema<ArenaInput>.Of(new ArenaGame());

    private readonly int[] _row = new int[Schema.Input.Count];

    [TestCase(100u)]
    [TestCase(uint.MaxValue - 20)]
    [TestCase((uint)int.MaxValue - 20)]
    public void Take_InOrder_GivesEachOnceAsItWasSent(uint first)
    {
        InputBuffer buffer = NewBuffer();
        for (int i = 0; i < 300; i++)
        {
            Tick tick = new Tick(first) + i;
            Assert.That(buffer.TryAdd(tick, tick, new ViewStamp(tick - 5, 9, tick - 3), RowOf(held: (ushort)(i & 3)), out DropReason reason), Is.True, $"{reason}");
            Assert.That(buffer.Take(tick, out Span<byte> input, out ViewStamp stamp), Is.True);
            Assert.That(MemoryMarshal.Read<ArenaInput>(input).Buttons.Held, Is.EqualTo(i & 3));
            Assert.That(stamp.Tick, Is.EqualTo(tick - 5));
            Assert.That(buffer.Take(tick, out _, out _), Is.False, "once taken, it is gone");
        }

        Assert.That((buffer.Executed, buffer.Starved), Is.EqualTo((300L, 300L)), "the second take of each was made up");
    }

    [TestCase(100u)]
    [TestCase(uint.MaxValue - 20)]
    public void TryAdd_LateInput_IsRefusedAndCountedOnceThenADuplicate(uint first)
    {
        InputBuffer buffer = NewBuffer();
        Tick late = new Tick(first) + 30;
        Assert.That(buffer.TryAdd(late + 1, late, default, RowOf(1), out DropReason reason), Is.False);
        Assert.That(reason, Is.EqualTo(DropReason.InputLate));
        Assert.That(buffer.TryAdd(late + 1, late, default, RowOf(1), out reason), Is.False);
        Assert.That(reason, Is.EqualTo(DropReason.InputDuplicate), "the redundancy of packets is not counted as late again");
        Assert.That((buffer.Late, buffer.Duplicate), Is.EqualTo((1L, 1L)));
    }

    [Test]
    public void TryAdd_SameTickTwice_TheFirstStays()
    {
        InputBuffer buffer = NewBuffer();
        var tick = new Tick(50);
        buffer.TryAdd(tick, tick, default, RowOf(1), out _);
        Assert.That(buffer.TryAdd(tick, tick, default, RowOf(2), out DropReason reason), Is.False);
        Assert.That(reason, Is.EqualTo(DropReason.InputDuplicate));
        buffer.Take(tick, out Span<byte> input, out _);
        Assert.That(MemoryMarshal.Read<ArenaInput>(input).Buttons.Held, Is.EqualTo(1));
        Assert.That(buffer.TryAdd(tick + 1, tick, default, RowOf(2), out reason), Is.False, "nor after it was executed");
        Assert.That(reason, Is.EqualTo(DropReason.InputDuplicate));
    }

    [TestCase(100u)]
    [TestCase(uint.MaxValue - 20)]
    public void TryAdd_FartherAheadThanAllowed_IsRefused(uint first)
    {
        InputBuffer buffer = NewBuffer();
        var next = new Tick(first);
        Assert.That(buffer.TryAdd(next, next + Limits.InputLeadMax, default, RowOf(1), out _), Is.True);
        Assert.That(buffer.TryAdd(next, next + Limits.InputLeadMax + 1, default, RowOf(1), out DropReason reason), Is.False);
        Assert.That(reason, Is.EqualTo(DropReason.InputTooFarAhead));
        Assert.That(buffer.TryAdd(next, next + int.MaxValue, default, RowOf(1), out reason), Is.False);
        Assert.That(buffer.TooFarAhead, Is.EqualTo(2));
    }

    [Test]
    public void Take_NothingCame_KeepsHeldButtonsFadesAxesPressesNothing()
    {
        InputBuffer buffer = NewBuffer();
        var tick = new Tick(70);
        buffer.TryAdd(tick, tick, default, RowOf(held: 1, moveX: 1), out _);
        buffer.Take(tick, out Span<byte> input, out _);
        ArenaInput sent = MemoryMarshal.Read<ArenaInput>(input);
        Assert.That((sent.MoveX, sent.Buttons.Pressed), Is.EqualTo((1f, (ushort)1)));
        float axis = sent.MoveX;
        for (int i = 1; i <= 40; i++)
        {
            Assert.That(buffer.Take(tick + i, out input, out _), Is.False);
            ArenaInput made = MemoryMarshal.Read<ArenaInput>(input);
            Assert.That((made.Buttons.Held, made.Buttons.Pressed), Is.EqualTo(((ushort)1, (ushort)0)));
            Assert.That(made.MoveX, Is.LessThan(axis).Or.Zero);
            axis = made.MoveX;
        }

        Assert.That(axis, Is.Zero);
        Assert.That((buffer.Executed, buffer.Starved, buffer.LastStarved), Is.EqualTo((1L, 40L, tick + 40)));
    }

    [Test]
    public void Take_StarvedThenSavedUpBurst_IsCountedAsALagSwitch()
    {
        InputBuffer buffer = NewBuffer();
        var tick = new Tick(200);
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 10; i++, tick += 1)
            {
                buffer.TryAdd(tick, tick, default, RowOf(0), out _);
                buffer.Take(tick, out _, out _);
            }

            for (int i = 0; i < 8; i++, tick += 1)
            {
                buffer.Take(tick, out _, out _);
            }

            for (int i = 0; i < 12; i++)
            {
                buffer.TryAdd(tick, tick + i, default, RowOf(0), out _);
            }

            for (int i = 0; i < 12; i++, tick += 1)
            {
                buffer.Take(tick, out _, out _);
            }
        }

        Assert.That(buffer.StarveBursts, Is.EqualTo(3));
    }

    [TestCase(1u)]
    [TestCase(uint.MaxValue - 2000)]
    public void RandomArrivals_EveryTickIsExecutedOrMadeUpAndNoInputTwice(uint first)
    {
        InputBuffer buffer = NewBuffer();
        var random = DeterministicRandom.From(301, first);
        var executed = new HashSet<uint>();
        var sent = new HashSet<uint>();
        var next = new Tick(first);
        for (int i = 0; i < 4000; i++)
        {
            for (int n = random.NextInt(4); n > 0; n--)
            {
                Tick tick = next + random.NextInt(-10, 60);
                bool inTime = tick - next is >= 0 and <= Limits.InputLeadMax;
                bool taken = buffer.TryAdd(next, tick, new ViewStamp(tick, 0, tick), RowOf((ushort)(tick.Value & 3)), out _);
                Assert.That(taken, Is.EqualTo(inTime && sent.Add(tick.Value)), $"tick {tick} at {next}");
            }

            bool isThere = sent.Contains(next.Value);
            Assert.That(buffer.Take(next, out Span<byte> input, out ViewStamp stamp), Is.EqualTo(isThere));
            if (isThere)
            {
                Assert.That(executed.Add(next.Value));
                Assert.That((MemoryMarshal.Read<ArenaInput>(input).Buttons.Held, stamp.Tick), Is.EqualTo(((ushort)(next.Value & 3), next)));
            }

            next += 1;
        }

        Assert.That(buffer.Executed, Is.EqualTo(executed.Count).And.GreaterThan(1000));
    }

    private static InputBuffer NewBuffer() => new(Schema.Input, Schema.InputBytes);

    private int[] RowOf(ushort held, float moveX = 0)
    {
        var input = new ArenaInput { MoveX = moveX, Aim = new System.Numerics.Vector3(1, 0, 0), Buttons = new Buttons { Held = held, Pressed = held } };
        Schema.Input.Capture(ref Unsafe.As<ArenaInput, byte>(ref input), 0, _row);
        return _row;
    }
}
