using System.Diagnostics;

namespace GameServer.Netcode.Transport.Linux;

/// <summary>struct sock_filter: one instruction of the classic Berkeley packet filter.</summary>
internal struct BpfInstruction
{
    public ushort Code;
    public byte JumpTrue;
    public byte JumpFalse;
    public uint Operand;
}

/// <summary>struct sock_fprog.</summary>
internal unsafe struct BpfProgramHeader
{
    public ushort Count;
    public BpfInstruction* First;
}

/// <summary>Writes a filter program with named jump targets; a target is always further down, as the kernel demands.</summary>
/// <remarks>Used once, at start.</remarks>
internal sealed class BpfProgram
{
    /// <summary>The jump target of an instruction: the next one.</summary>
    public const string Next = "";

    private readonly List<BpfInstruction> _code = [];
    private readonly List<(int Index, string IfTrue, string IfFalse)> _jumps = [];
    private readonly Dictionary<string, int> _labels = [];

    /// <summary>A = length of the packet.</summary>
    public BpfProgram LoadLength() => Add(0x80, 0);

    /// <summary>A = byte at <paramref name="offset"/>.</summary>
    public BpfProgram LoadByte(int offset) => Add(0x30, (uint)offset);

    /// <summary>A = four bytes at <paramref name="offset"/>, big-endian.</summary>
    public BpfProgram LoadWord(int offset) => Add(0x20, (uint)offset);

    /// <summary>A = A &amp; <paramref name="mask"/>.</summary>
    public BpfProgram And(uint mask) => Add(0x54, mask);

    /// <summary>X = A.</summary>
    public BpfProgram Keep() => Add(0x07, 0);

    /// <summary>A = X.</summary>
    public BpfProgram Recall() => Add(0x87, 0);

    /// <summary>Jumps by A = <paramref name="value"/>.</summary>
    public BpfProgram IfEqual(uint value, string then, string otherwise = Next) => Jump(0x15, value, then, otherwise);

    /// <summary>Jumps by A ≥ <paramref name="value"/>.</summary>
    public BpfProgram IfAtLeast(uint value, string then, string otherwise = Next) => Jump(0x35, value, then, otherwise);

    /// <summary>Jumps by whether A has a bit of <paramref name="mask"/>.</summary>
    public BpfProgram IfAnyBit(uint mask, string then, string otherwise = Next) => Jump(0x45, mask, then, otherwise);

    /// <summary>Ends: the packet is kept up to <paramref name="bytes"/>, and dropped with 0.</summary>
    public BpfProgram Return(uint bytes) => Add(0x06, bytes);

    /// <summary>Names the next instruction.</summary>
    public BpfProgram Label(string name)
    {
        _labels.Add(name, _code.Count);
        return this;
    }

    /// <summary>The program with its jumps resolved.</summary>
    public BpfInstruction[] Build()
    {
        BpfInstruction[] code = [.. _code];
        foreach ((int index, string ifTrue, string ifFalse) in _jumps)
        {
            code[index].JumpTrue = Distance(index, ifTrue);
            code[index].JumpFalse = Distance(index, ifFalse);
        }

        return code;
    }

    private byte Distance(int index, string label)
    {
        int distance = label.Length == 0 ? 0 : _labels[label] - index - 1;
        Debug.Assert(distance is >= 0 and <= byte.MaxValue);
        return (byte)distance;
    }

    private BpfProgram Jump(ushort code, uint operand, string then, string otherwise)
    {
        _jumps.Add((_code.Count, then, otherwise));
        return Add(code, operand);
    }

    private BpfProgram Add(ushort code, uint operand)
    {
        _code.Add(new BpfInstruction { Code = code, Operand = operand });
        return this;
    }
}
