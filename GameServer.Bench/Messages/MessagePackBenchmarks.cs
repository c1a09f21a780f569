using BenchmarkDotNet.Attributes;
using GameServer.Netcode.Messages;

namespace GameServer.Bench.Messages;

/// <summary>One control message of the size of a welcome, in and out.</summary>
[MemoryDiagnoser]
public class MessagePackBenchmarks
{
    private readonly byte[] _buffer = new byte[256];
    private readonly byte[] _written = new byte[256];
    private readonly char[] _chars = new char[32];
    private int _writtenBytes;

    [GlobalSetup]
    public void Setup()
    {
        _writtenBytes = Write();
        _buffer.CopyTo(_written, 0);
    }

    [Benchmark]
    public int Write()
    {
        var writer = new MessagePackWriter(_buffer);
        writer.WriteArrayHeader(8);
        writer.WriteInt32(3);
        writer.WriteString("player one");
        writer.WriteUInt32(1_234_567);
        writer.WriteUInt64(0x1234_5678_9ABC_DEF0);
        writer.WriteSingle(0.25f);
        writer.WriteBoolean(true);
        writer.WriteNil();
        writer.WriteBinary(_written.AsSpan(0, 32));
        return writer.ByteCount;
    }

    [Benchmark]
    public ulong Read()
    {
        var reader = new MessagePackReader(_written.AsSpan(0, _writtenBytes));
        ulong sum = (ulong)reader.ReadArrayHeader();
        sum += (ulong)reader.ReadInt32();
        sum += (ulong)reader.ReadStringInto(_chars);
        sum += reader.ReadUInt32();
        sum += reader.ReadUInt64();
        sum += (ulong)reader.ReadSingle();
        sum += reader.ReadBoolean() ? 1u : 0u;
        sum += reader.TryReadNil() ? 1u : 0u;
        sum += (ulong)reader.ReadBinary().Length;
        return reader.Failed ? 0 : sum;
    }

    [Benchmark]
    public bool Skip()
    {
        var reader = new MessagePackReader(_written.AsSpan(0, _writtenBytes));
        reader.Skip();
        return reader.Failed;
    }
}
