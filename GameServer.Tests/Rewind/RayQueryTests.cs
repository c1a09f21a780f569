using System.Numerics;
using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Rewind;

namespace GameServer.Tests.Rewind;

/// <summary>Rays against capsules, compared with a march along the ray.</summary>
public sealed class RayQueryTests
{
    [Test]
    public void Test_RandomRays_HitWhatAMarchAlongTheRayHits()
    {
        Schema schema = GameSchema<ArenaInput>.Of(new ArenaGame());
        KindSchema kind = schema.Kinds[ArenaGame.Soldiers.Index];
        var random = DeterministicRandom.From(91, 1);
        var row = new int[kind.Seen.Count];
        int hits = 0;
        for (int run = 0; run < 3000; run++)
        {
            var soldier = new Soldier { Position = new Vector3(random.NextFloat(20, 40), random.NextFloat(0, 3), random.NextFloat(20, 40)), Aim = Vector3.UnitX, Health = 100 };
            kind.Seen.Capture(ref System.Runtime.CompilerServices.Unsafe.As<Soldier, byte>(ref soldier), 0, row);
            var origin = new Vector3(random.NextFloat(15, 45), random.NextFloat(0, 4), random.NextFloat(15, 45));
            Vector3 target = soldier.Chest + new Vector3(random.NextFloat(-1, 1), random.NextFloat(-1.5f, 1.5f), random.NextFloat(-1, 1));
            Vector3 direction = DeterministicMath.Normalize(target - origin);
            var ray = new RayQuery(origin, direction, 60);
            ray.Test(kind, new EntityId(3, 1), row, row, 0);
            Soldier seen = default;
            kind.Seen.Restore(row, ref System.Runtime.CompilerServices.Unsafe.As<Soldier, byte>(ref seen));
            float closest = March(origin, direction, Capsule.At(seen.Position, Soldier.Radius, Soldier.Height), out float at);
            if (MathF.Abs(closest - Soldier.Radius) < 0.02f)
            {
                continue; // a graze: the march is too coarse to tell
            }

            bool isHit = closest < Soldier.Radius;
            hits += isHit ? 1 : 0;
            Assert.That(!ray.Entity.IsNone, Is.EqualTo(isHit), $"run {run}: {closest} from the axis");
            Assert.That(!isHit || MathF.Abs(ray.Distance - at) < 0.05f, $"run {run}: {ray.Distance}, not {at}");
        }

        Assert.That(hits, Is.InRange(500, 2900));
    }

    private static float March(Vector3 origin, Vector3 direction, Capsule capsule, out float entersAt)
    {
        float closest = float.MaxValue;
        entersAt = -1;
        for (float at = 0; at < 60; at += 0.01f)
        {
            Vector3 point = origin + (direction * at);
            Vector3 axis = capsule.B - capsule.A;
            float t = Math.Clamp(Vector3.Dot(point - capsule.A, axis) / axis.LengthSquared(), 0, 1);
            float distance = Vector3.Distance(point, capsule.A + (axis * t));
            closest = MathF.Min(closest, distance);
            entersAt = entersAt < 0 && distance <= capsule.Radius ? at : entersAt;
        }

        return closest;
    }
}
