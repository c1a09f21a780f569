using System.Globalization;
using System.Numerics;
using GameServer.Arena;
using GameServer.Hosting;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;

namespace GameServer.Commands;

/// <summary>The arena from above: two characters per map cell across, one down; soldiers as arrows, the scores beside it.</summary>
internal sealed class ArenaPicture : IMatchPicture<ArenaInput>
{
    private const int MapColumns = ArenaMap.Columns * 2 > 64 ? ArenaMap.Columns * 2 : 64;
    private const int MapTop = 2;
    private const sbyte Gray = 8, Red = 9, Green = 10, Yellow = 11, Cyan = 14;
    private const int ExplosionFrames = 4;
    private const string Arrows = "→↘↓↙←↖↑↗";
    private const int LegendRow = MapTop + ArenaMap.Columns;

    private static readonly (string Sign, sbyte Color, string Meaning)[] Legend =
        [("→", Yellow, "soldier"), ("o", Yellow, "rocket"), ("#", Red, "explosion"), ("+", Green, "health"), ("*", Green, "rockets"), ("██", Gray, "wall")];

    private readonly List<(Vector3 Position, int Frames)> _explosions = [];
    private readonly List<Soldier> _scores = [];

    public void Draw(GameClient<ArenaInput> client, TextCanvas canvas)
    {
        DrawTitle(client, canvas);
        DrawMap(canvas);
        foreach (ref readonly Pickup pickup in client.View.Of(ArenaGame.Pickups))
        {
            if (pickup.IsPresent != 0)
            {
                Put(canvas, pickup.Position, pickup.Kind == ArenaGame.HealthKind ? '+' : '*', Green);
            }
        }

        foreach (ref readonly Rocket rocket in client.View.Of(ArenaGame.Rockets))
        {
            Put(canvas, rocket.Position, 'o', Yellow);
        }

        DrawExplosions(client, canvas);
        DrawSoldiers(client, canvas);
        DrawLegend(canvas);
    }

    private static void DrawLegend(TextCanvas canvas)
    {
        int column = 0;
        foreach ((string sign, sbyte color, string meaning) in Legend)
        {
            canvas.Write(column, LegendRow, sign, color);
            canvas.Write(column + sign.Length + 1, LegendRow, meaning, Gray);
            column += sign.Length + meaning.Length + 3;
        }
    }

    private static void DrawTitle(GameClient<ArenaInput> client, TextCanvas canvas)
    {
        Match match = client.View.Get(ArenaGame.Clock);
        int left = Math.Max(0, (match.EndsAt - client.View.Tick) / Math.Max(1, client.Welcome.TickRateHz));
        canvas.Write(0, 0, string.Create(CultureInfo.InvariantCulture, $"arena, round {match.Round}, {left / 60}:{left % 60:00} left"), Cyan);
    }

    private static void DrawMap(TextCanvas canvas)
    {
        for (int row = 0; row < ArenaMap.Columns; row++)
        {
            for (int column = 0; column < ArenaMap.Columns; column++)
            {
                if (ArenaMap.IsWall(column, row))
                {
                    canvas.Write(column * 2, MapTop + row, "██", Gray);
                }
            }
        }
    }

    private void DrawExplosions(GameClient<ArenaInput> client, TextCanvas canvas)
    {
        while (client.TryTakeEvent(ArenaGame.Explosions, out Explosion explosion))
        {
            _explosions.Add((explosion.Position, ExplosionFrames));
        }

        // The other events are not drawn, but somebody has to take them.
        while (client.TryTakeEvent(ArenaGame.Shots, out _) || client.TryTakeEvent(ArenaGame.Kills, out _) || client.TryTakeEvent(ArenaGame.RoundStarts, out _))
        {
        }

        for (int i = _explosions.Count - 1; i >= 0; i--)
        {
            (Vector3 position, int frames) = _explosions[i];
            Put(canvas, position, '#', Red);
            Put(canvas, position + new Vector3(1, 0, 0), '#', Red);
            Put(canvas, position - new Vector3(1, 0, 0), '#', Red);
            _explosions[i] = (position, frames - 1);
            if (frames <= 1)
            {
                _explosions.RemoveAt(i);
            }
        }
    }

    private void DrawSoldiers(GameClient<ArenaInput> client, TextCanvas canvas)
    {
        _scores.Clear();
        foreach (ref readonly Soldier soldier in client.View.Of(ArenaGame.Soldiers))
        {
            _scores.Add(soldier);
            if (soldier.IsAlive)
            {
                Put(canvas, soldier.Position, ArrowOf(soldier.Aim), ColorOf(soldier.Player));
            }
        }

        _scores.Sort(static (a, b) => b.Kills != a.Kills ? b.Kills - a.Kills : a.Player.Index - b.Player.Index);
        canvas.Write(MapColumns + 1, 0, "kills/deaths player", Cyan);
        for (int i = 0; i < _scores.Count && i < ArenaMap.Columns; i++)
        {
            Soldier soldier = _scores[i];
            string line = string.Create(CultureInfo.InvariantCulture, $"{soldier.Kills,3}/{soldier.Deaths,-3} {Shown(client.Names.Of(soldier.Player), soldier.Player)}");
            canvas.Write(MapColumns + 1, MapTop + i, line, soldier.IsAlive ? ColorOf(soldier.Player) : Gray);
        }
    }

    // Whoever has just come has a number before it has a name.
    private static string Shown(string name, PlayerId player) => name.Length > 0 ? name : $"player {player.Index + 1}";

    // Z goes down on the screen as on the plan.
    private static char ArrowOf(Vector3 aim)
    {
        int eighth = (int)MathF.Round(MathF.Atan2(aim.Z, aim.X) / (MathF.PI / 4));
        return Arrows[(eighth + 8) % 8];
    }

    private static sbyte ColorOf(PlayerId player) => (sbyte)(9 + (Math.Max(0, player.Index) % 6));

    private static void Put(TextCanvas canvas, Vector3 position, char character, sbyte color) =>
        canvas.Set((int)position.X, MapTop + (int)(position.Z / ArenaMap.CellSize), character, color);
}
