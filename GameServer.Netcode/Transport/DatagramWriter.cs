using System.Buffers.Binary;

namespace GameServer.Netcode.Transport;

/// <summary>Builds one datagram of one peer: a single packet goes plain, several become entries of a merged one (protocol notes §10.1).</summary>
internal ref struct DatagramWriter(Span<byte> destination, int mtuBytes, byte mergedFirst)
{
    private const int EntryHeaderBytes = 2;

    private readonly Span<byte> _destination = destination;
    private readonly int _mtuBytes = mtuBytes;
    private readonly byte _mergedFirst = mergedFirst;
    private int _packets;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>True when a packet of that many bytes still goes into this datagram.</summary>
    public readonly bool Fits(int packetBytes)
    {
        int header = _packets == 1 ? 1 + EntryHeaderBytes : 0; // the first packet gets its own entry header once there is a second
        return _packets == 0 ? packetBytes <= _destination.Length : Length + header + EntryHeaderBytes + packetBytes <= _mtuBytes;
    }

    /// <summary>Adds a packet that fits; the caller fills it.</summary>
    public Span<byte> Add(int packetBytes)
    {
        if (_packets == 0)
        {
            Length = packetBytes;
            _packets = 1;
            return _destination[..packetBytes];
        }

        if (_packets == 1)
        {
            _destination[..Length].CopyTo(_destination[(1 + EntryHeaderBytes)..]);
            _destination[0] = _mergedFirst;
            BinaryPrimitives.WriteUInt16LittleEndian(_destination[1..], (ushort)Length);
            Length += 1 + EntryHeaderBytes;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(_destination[Length..], (ushort)packetBytes);
        Span<byte> packet = _destination.Slice(Length + EntryHeaderBytes, packetBytes);
        Length += EntryHeaderBytes + packetBytes;
        _packets++;
        return packet;
    }
}
