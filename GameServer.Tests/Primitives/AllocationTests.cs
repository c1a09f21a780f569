using System.Numerics;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Primitives;

public class AllocationTests
{
    [Test]
    public void Primitives_SteadyState_AllocateNothing()
    {
        var ticks = new TickRing<Vector3>(64);
        var sequences = new SequenceBuffer<int>(64);
        var acks = new AckBits();
        var quantizer = new Quantizer(-8, 8, 1 / 64f);
        var counters = new DropCounters();
        DeterministicRandom random = DeterministicRandom.From(1, 1);
        ulong hash = StateHash.Start;
        byte[] bytes = new byte[100];
        Cycle(50);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Cycle(2000);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(hash, Is.Not.EqualTo(StateHash.Start));

        void Cycle(int count)
        {
            for (int i = 0; i < count; i++)
            {
                float value = random.NextFloat(-8, 8);
                ticks.Add(new Tick((uint)i)) = DeterministicMath.Normalize(new Vector3(value, DeterministicMath.Sin(value), 1));
                sequences.Add((ushort)i) = quantizer.Quantize(quantizer.Dequantize(random.NextInt(100)));
                acks.Receive((ushort)i);
                counters.Add(DropReason.InputLate);
                if (ticks.TryGet(new Tick((uint)i), out Vector3 vector) && sequences.Contains((ushort)i) && acks.Contains((ushort)i))
                {
                    hash = StateHash.Append(hash, (ulong)DeterministicMath.Atan2(vector.X, vector.Z).GetHashCode());
                }

                hash = StateHash.Append(hash, bytes);
            }
        }
    }
}
