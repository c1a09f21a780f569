using System.Runtime.CompilerServices;
using GameServer.Bench.Rooms;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Primitives;

namespace GameServer.Bench.Inputs;

/// <summary>Input packets of the crowd.</summary>
internal static class CrowdPackets
{
    /// <summary>A packet with the inputs of <paramref name="count"/> ticks up to <paramref name="newest"/>.</summary>
    public static InputPacket Make(FieldTable table, Tick newest, int count)
    {
        var packet = new InputPacket(table) { HasAck = true, AckSequence = 700, AckBits = uint.MaxValue };
        int[] row = new int[table.Count];
        for (int i = count - 1; i >= 0; i--)
        {
            CrowdInput input = CrowdInput.At(3, newest - i, 60);
            table.Capture(ref Unsafe.As<CrowdInput, byte>(ref input), 0, row);
            packet.Add(newest - i, new ViewStamp(newest - i - 6, (byte)(i * 3), newest - i - 4), row);
        }

        return packet;
    }
}
