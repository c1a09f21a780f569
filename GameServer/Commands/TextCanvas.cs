namespace GameServer.Commands;

/// <summary>A picture of colored characters.</summary>
public sealed class TextCanvas(int width, int height)
{
    private readonly Cell[] _cells = new Cell[width * height];

    /// <summary>One character and its color (0–15 of the terminal's palette; −1: the terminal's own).</summary>
    public readonly record struct Cell(char Character, sbyte Color);

    /// <summary>Columns.</summary>
    public int Width { get; } = width;

    /// <summary>Rows.</summary>
    public int Height { get; } = height;

    /// <summary>One character.</summary>
    public Cell this[int column, int row] => _cells[(row * Width) + column];

    /// <summary>Makes everything blank.</summary>
    public void Clear() => Array.Fill(_cells, new Cell(' ', -1));

    /// <summary>Writes one character; outside of the picture nothing happens.</summary>
    public void Set(int column, int row, char character, sbyte color = -1)
    {
        if ((uint)column < (uint)Width && (uint)row < (uint)Height)
        {
            _cells[(row * Width) + column] = new Cell(char.IsControl(character) ? '?' : character, color);
        }
    }

    /// <summary>Writes text from left to right.</summary>
    public void Write(int column, int row, ReadOnlySpan<char> text, sbyte color = -1)
    {
        for (int i = 0; i < text.Length; i++)
        {
            Set(column + i, row, text[i], color);
        }
    }
}
