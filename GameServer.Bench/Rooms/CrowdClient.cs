using System.Runtime.CompilerServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;

namespace GameServer.Bench.Rooms;

/// <summary>What a client of the crowd sends, without a client behind it: it reads the headers of snapshots, acknowledges them, and gives inputs.</summary>
/// <remarks>Costs next to nothing, so that what is measured is the server. Allocates: in the constructor only.</remarks>
internal sealed class CrowdClient(FieldTable inputTable, int index, int tickRateHz)
{
    private const int Pending = 256;

    private readonly InputPacket _packet = new(inputTable);
    private readonly int[] _row = new int[inputTable.Count];
    private readonly SnapshotHeader[] _headers = new SnapshotHeader[Pending];
    private int _first;
    private int _end;
    private bool _hasInputAck;
    private Tick _inputAck;
    private Tick _newestSnapshot;

    /// <summary>Tick of the newest snapshot that has arrived, acknowledged or not.</summary>
    public Tick NewestArrived { get; private set; }

    public bool HasSnapshot { get; private set; }

    public long SnapshotBytes { get; private set; }

    public long Datagrams { get; private set; }

    /// <summary>A snapshot has arrived; false when it is none.</summary>
    public bool Receive(ReadOnlySpan<byte> payload)
    {
        var reader = new BitReader(payload);
        if (!SnapshotHeader.TryRead(ref reader, out SnapshotHeader header) || _end - _first == Pending)
        {
            return false;
        }

        _headers[_end++ & (Pending - 1)] = header;
        NewestArrived = header.Tick;
        HasSnapshot = true;
        SnapshotBytes += payload.Length + 1; // one byte of the transport
        Datagrams++;
        return true;
    }

    /// <summary>Writes the inputs up to <paramref name="newest"/> and acknowledges what arrived up to a tick; returns the size.</summary>
    public int Write(Span<byte> destination, Tick newest, Tick acknowledgeUpTo)
    {
        for (; _first != _end && _headers[_first & (Pending - 1)].Tick <= acknowledgeUpTo; _first++)
        {
            Acknowledge(in _headers[_first & (Pending - 1)]);
        }

        _packet.Clear();
        int count = Math.Clamp(_hasInputAck ? newest - _inputAck : 1, 1, Limits.InputsPerPacketMax);
        var stamp = new ViewStamp(_newestSnapshot - 2, 128, _newestSnapshot);
        for (int i = count - 1; i >= 0; i--)
        {
            CrowdInput input = CrowdInput.At(index, newest - i, tickRateHz);
            inputTable.Capture(ref Unsafe.As<CrowdInput, byte>(ref input), 0, _row);
            _packet.Add(newest - i, in stamp, _row);
        }

        return _packet.Write(destination);
    }

    private void Acknowledge(in SnapshotHeader header)
    {
        int newer = (short)(header.Sequence - _packet.AckSequence);
        if (!_packet.HasAck)
        {
            _packet.HasAck = true;
            _packet.AckSequence = header.Sequence;
            _packet.AckBits = 0;
        }
        else if (newer > 0)
        {
            _packet.AckBits = newer > 32 ? 0 : (uint)((((ulong)_packet.AckBits << 1) | 1) << (newer - 1));
            _packet.AckSequence = header.Sequence;
        }
        else if (newer is < 0 and >= -32)
        {
            _packet.AckBits |= 1u << (-newer - 1);
        }

        _newestSnapshot = header.Tick;
        if (header.HasInputs)
        {
            _hasInputAck = true;
            _inputAck = header.InputAck;
        }
    }
}
