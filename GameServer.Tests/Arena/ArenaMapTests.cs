using System.Numerics;
using GameServer.Arena;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Arena;

public class ArenaMapTests
{
    [Test]
    public void Plan_IsClosedBySolidWalls()
    {
        for (int i = 0; i < ArenaMap.Columns; i++)
        {
            Assert.That(ArenaMap.IsWall(i, 0) && ArenaMap.IsWall(0, i), Is.True);
            Assert.That(ArenaMap.IsWall(i, ArenaMap.Columns - 1) && ArenaMap.IsWall(ArenaMap.Columns - 1, i), Is.True);
        }

        Assert.That(ArenaMap.Columns * ArenaMap.CellSize, Is.EqualTo(64));
        Assert.That(ArenaMap.SpawnPoints, Has.Count.EqualTo(20));
        Assert.That(ArenaMap.Pickups, Has.Count.EqualTo(8));
    }

    [Test]
    public void Slide_AlongStraightWall_FeelsNoSeams()
    {
        // The left border: 62 m of wall made of 31 cells; pressed against it at an angle.
        var position = new Vector3(2.5f, 0, 4);
        for (int tick = 0; tick < 800; tick++)
        {
            var velocity = new Vector3(-4, 0, 5);
            Vector3 next = ArenaMap.Slide(position, ref velocity, 1 / 60f);
            if (next.Z < 60)
            {
                Assert.That(next.Z - position.Z, Is.EqualTo(5 / 60f).Within(1e-4f), $"at {position}");
                Assert.That(velocity.Z, Is.EqualTo(5).Within(1e-3f));
            }

            position = next;
        }

        Assert.That(position.X, Is.EqualTo(2 + Soldier.Radius).Within(1e-4f));
        Assert.That(position.Z, Is.EqualTo(62 - Soldier.Radius).Within(1e-4f));
    }

    [Test]
    public void Slide_AgainstACorner_GlidesRound()
    {
        // Cell (10, 2) starts at x = 20, z = 4, with open floor before it; its corner is met 0.3 m off the middle.
        var position = new Vector3(19.7f, 0, 2.5f);
        for (int tick = 0; tick < 60; tick++)
        {
            var velocity = new Vector3(0, 0, 5);
            position = ArenaMap.Slide(position, ref velocity, 1 / 60f);
        }

        Assert.That(position.Z, Is.GreaterThan(5));
        Assert.That(position.X, Is.EqualTo(20 - Soldier.Radius).Within(1e-3f));
    }

    [TestCase(30)]
    [TestCase(60)]
    [TestCase(128)]
    public void Slide_RandomWalks_StayOutOfWallsAndWithinTheirSpeed(int tickRate)
    {
        var random = DeterministicRandom.From(7, (ulong)tickRate);
        for (int walk = 0; walk < 200; walk++)
        {
            Vector3 position = ArenaMap.SpawnPoints[walk % ArenaMap.SpawnPoints.Count];
            for (int tick = 0; tick < 300; tick++)
            {
                DeterministicMath.SinCos(random.NextFloat(-3.14f, 3.14f) * (tick / 20 * 7 % 5), out float sin, out float cos);
                Vector3 velocity = new Vector3(cos, 0, sin) * ArenaGame.PushedSpeed;
                Vector3 next = ArenaMap.Slide(position, ref velocity, 1f / tickRate);
                float way = Vector3.Distance(next, position);
                Assert.That(way, Is.LessThanOrEqualTo(ArenaGame.TopSpeed / tickRate), $"walk {walk}, tick {tick}");
                Assert.That(DepthInWalls(next), Is.LessThan(1e-3f), $"walk {walk}, tick {tick}, {next}");
                position = next;
            }
        }
    }

    [Test]
    public void Raycast_RandomRays_AgreeWithSmallSteps()
    {
        var random = DeterministicRandom.From(11, 0);
        for (int i = 0; i < 2000; i++)
        {
            Vector3 origin = ArenaMap.SpawnPoints[random.NextInt(ArenaMap.SpawnPoints.Count)] + new Vector3(0, 1.6f, 0);
            var any = new Vector3(random.NextFloat(-1, 1), random.NextFloat(-0.1f, 0.1f), random.NextFloat(-1, 1));
            Vector3 direction = DeterministicMath.Normalize(any);
            float distance = ArenaMap.Raycast(origin, direction, 100);
            float expected = 0;
            while (expected < 100 && IsInside(origin + (direction * expected)))
            {
                expected += 0.01f;
            }


            // Small steps may jump over the corner of a cell, the exact ray may not.
            Assert.That(distance, Is.LessThan(expected + 0.03f).And.GreaterThan(expected - 0.1f), $"{origin} {direction}");
            Assert.That(IsInside(origin + (direction * (distance - 0.01f))), Is.True);
        }
    }

    [Test]
    public void Raycast_WithoutDirectionOrAlongAnAxis_StaysInRange()
    {
        var origin = new Vector3(5, 1.6f, 5);
        Assert.That(ArenaMap.Raycast(origin, Vector3.Zero, 10), Is.EqualTo(10));
        Assert.That(ArenaMap.Raycast(origin, -Vector3.UnitX, 10), Is.EqualTo(3).Within(1e-5f));
        Assert.That(ArenaMap.Raycast(origin, -Vector3.UnitZ, 10), Is.EqualTo(3).Within(1e-5f));
        Assert.That(ArenaMap.Raycast(origin, -Vector3.UnitY, 10), Is.EqualTo(1.6f).Within(1e-5f));
        Assert.That(ArenaMap.Raycast(origin, Vector3.UnitY, 10), Is.EqualTo(6.4f).Within(1e-5f));
        Assert.That(ArenaMap.Raycast(origin, -Vector3.UnitX, 2), Is.EqualTo(2));
    }

    [Test]
    public void SpawnPoints_AllOpen_AndConnected()
    {
        bool[] reached = new bool[ArenaMap.Columns * ArenaMap.Columns];
        var queue = new Queue<int>();
        void Reach(int column, int row)
        {
            int cell = (row * ArenaMap.Columns) + column;
            if (!ArenaMap.IsWall(column, row) && !reached[cell])
            {
                reached[cell] = true;
                queue.Enqueue(cell);
            }
        }

        Reach(1, 1);
        while (queue.TryDequeue(out int cell))
        {
            Reach((cell % ArenaMap.Columns) + 1, cell / ArenaMap.Columns);
            Reach((cell % ArenaMap.Columns) - 1, cell / ArenaMap.Columns);
            Reach(cell % ArenaMap.Columns, (cell / ArenaMap.Columns) + 1);
            Reach(cell % ArenaMap.Columns, (cell / ArenaMap.Columns) - 1);
        }

        for (int row = 0; row < ArenaMap.Columns; row++)
        {
            for (int column = 0; column < ArenaMap.Columns; column++)
            {
                Assert.That(reached[(row * ArenaMap.Columns) + column], Is.EqualTo(!ArenaMap.IsWall(column, row)), $"{column}, {row}");
            }
        }
    }

    /// <summary>How deep a soldier stands in a wall; 0 when he does not.</summary>
    internal static float DepthInWalls(Vector3 position)
    {
        float depth = 0;
        for (int row = 0; row < ArenaMap.Columns; row++)
        {
            for (int column = 0; column < ArenaMap.Columns; column++)
            {
                var nearest = new Vector3(
                    Math.Clamp(position.X, column * ArenaMap.CellSize, (column + 1) * ArenaMap.CellSize),
                    position.Y,
                    Math.Clamp(position.Z, row * ArenaMap.CellSize, (row + 1) * ArenaMap.CellSize));
                depth = ArenaMap.IsWall(column, row) ? MathF.Max(depth, Soldier.Radius - Vector3.Distance(position, nearest)) : depth;
            }
        }

        return depth;
    }

    private static bool IsInside(Vector3 point) =>
        point.Y >= 0 && point.Y <= ArenaMap.Ceiling
        && !ArenaMap.IsWall((int)(point.X / ArenaMap.CellSize), (int)(point.Z / ArenaMap.CellSize));
}
