using System.Numerics;

namespace GameServer.Netcode.Game;

/// <summary>Says whether nothing that stops a shot stands between two points.</summary>
/// <param name="from">The eye.</param>
/// <param name="to">A point of what is looked at.</param>
/// <remarks>Asked by the server for each hit in the past, in a world that does not change: walls, not doors. Must not allocate.</remarks>
public delegate bool SightTest(Vector3 from, Vector3 to);
