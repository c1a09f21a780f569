using System.Numerics;
using System.Runtime.InteropServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Game;

public class ComponentLayoutTests
{
    private struct Plain
    {
        public Vector3 Position;
        public int Health;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Padded
    {
        public byte Small;
        public int Large;
    }

    private struct Odd
    {
        public ushort Half;
    }

    private struct Outer
    {
        public Padded Inner;
    }

    private enum Mode : short
    {
        Idle,
    }

    private struct Nested
    {
        public Tick Tick;
        public EntityId Target;
        public DeterministicRandom Random;
        public Buttons Buttons;
        public Mode Mode;
        public bool Flag;
        public byte Level;
    }

    private unsafe struct Buffered
    {
        public fixed byte Bytes[16];
    }

    [Test]
    public void Complete_EveryByteDeclared_Passes()
    {
        var layout = new ComponentLayout<Plain>("plain");
        Assert.That(layout.Declare("position", (ref s) => ref s.Position), Is.Zero);
        Assert.That(layout.Declare("health", (ref s) => ref s.Health), Is.EqualTo(12));
        Assert.DoesNotThrow(() => layout.Complete(64));
        Assert.That(layout.ToString(), Does.Contain("health@12+4"));
    }

    [Test]
    public void Complete_ForgottenField_NamesItsBytes()
    {
        var layout = new ComponentLayout<Plain>("plain");
        layout.Declare("position", (ref s) => ref s.Position);
        Assert.That(() => layout.Complete(64), Throws.ArgumentException.With.Message.Contains("plain: bytes 12, 13, 14, 15"));
    }

    [Test]
    public void Complete_Padding_NamesItsBytes()
    {
        var layout = new ComponentLayout<Padded>("padded");
        layout.Declare("small", (ref s) => ref s.Small);
        layout.Declare("large", (ref s) => ref s.Large);
        Assert.That(() => layout.Complete(64), Throws.ArgumentException.With.Message.Contains("1, 2, 3"));
    }

    [Test]
    public void Declare_StructWithPaddingInside_IsRefused()
    {
        var layout = new ComponentLayout<Outer>("outer");
        Assert.That(
            () => layout.Declare("inner", (ref s) => ref s.Inner),
            Throws.ArgumentException.With.Message.Contains("outer.inner: Padded has padding"));
    }

    [Test]
    public void Declare_StructsWithoutPadding_ArePassed()
    {
        var layout = new ComponentLayout<Nested>("nested");
        layout.Declare("tick", (ref s) => ref s.Tick);
        layout.Declare("target", (ref s) => ref s.Target);
        layout.Declare("random", (ref s) => ref s.Random);
        layout.Declare("buttons", (ref s) => ref s.Buttons);
        layout.Declare("mode", (ref s) => ref s.Mode);
        layout.Declare("flag", (ref s) => ref s.Flag);
        layout.Declare("level", (ref s) => ref s.Level);
        Assert.DoesNotThrow(() => layout.Complete(64));
        var buffered = new ComponentLayout<Buffered>("buffered");
        buffered.Declare("all", (ref s) => ref s);
        Assert.DoesNotThrow(() => buffered.Complete(64));
    }

    [Test]
    public void Declare_SameFieldTwice_NamesBoth()
    {
        var layout = new ComponentLayout<Plain>("plain");
        layout.Declare("position", (ref s) => ref s.Position);
        Assert.That(
            () => layout.Declare("x", (ref s) => ref s.Position.X),
            Throws.ArgumentException.With.Message.Contains("plain.x").And.Message.Contains("'position'"));
    }

    [Test]
    public void Declare_FieldOfSomethingElse_IsRefused()
    {
        int[] elsewhere = new int[1000];
        var layout = new ComponentLayout<Plain>("plain");
        Assert.That(
            () => layout.Declare("health", (ref s) => ref elsewhere[900]),
            Throws.ArgumentException.With.Message.Contains("plain.health"));
    }

    [Test]
    public void Complete_TooLargeOrNotWholeWords_IsRefused()
    {
        var plain = new ComponentLayout<Plain>("plain");
        plain.Declare("all", (ref s) => ref s);
        Assert.That(() => plain.Complete(12), Throws.ArgumentException.With.Message.Contains("16 bytes, at most 12"));
        var odd = new ComponentLayout<Odd>("odd");
        odd.Declare("half", (ref s) => ref s.Half);
        Assert.That(() => odd.Complete(64), Throws.ArgumentException.With.Message.Contains("multiple of 4"));
    }
}
