namespace GameServer.Bench.Attacks;

/// <summary>One line of the table: what was tried, what came of it, what is allowed.</summary>
/// <param name="Attack">What was tried.</param>
/// <param name="Figure">What was measured.</param>
/// <param name="Bound">What is allowed.</param>
/// <param name="Holds">Whether it is kept; null: not tried, and <paramref name="Figure"/> says why.</param>
internal sealed record AttackRow(string Attack, string Figure, string Bound, bool? Holds);
