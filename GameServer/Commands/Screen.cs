using System.Text;

namespace GameServer.Commands;

/// <summary>Puts canvases on a terminal: only what differs from the one before is written. Without a terminal, whole plain frames.</summary>
internal sealed class Screen : IDisposable
{
    private const string Hide = "\e[?1049h\e[?25l\e[2J";
    private const string Restore = "\e[0m\e[?25h\e[?1049l";

    private readonly TextWriter _output;
    private readonly StringBuilder _text = new(8192);
    private TextCanvas.Cell[] _shown = [];

    public Screen(TextWriter output, bool plain)
    {
        _output = output;
        IsPlain = plain;
        if (!plain)
        {
            _output.Write(Hide);
        }
    }

    /// <summary>True without a terminal.</summary>
    public bool IsPlain { get; }

    public void Show(TextCanvas canvas)
    {
        _text.Clear();
        if (IsPlain)
        {
            AppendPlain(canvas);
        }
        else
        {
            AppendDifferences(canvas);
        }

        _output.Write(_text);
        _output.Flush();
    }

    public void Dispose()
    {
        if (!IsPlain)
        {
            _output.Write(Restore);
            _output.Flush();
        }
    }

    private void AppendPlain(TextCanvas canvas)
    {
        for (int row = 0; row < canvas.Height; row++)
        {
            int start = _text.Length;
            int used = start;
            for (int column = 0; column < canvas.Width; column++)
            {
                char character = canvas[column, row].Character;
                _text.Append(character);
                used = character == ' ' ? used : _text.Length;
            }

            _text.Length = used;
            _text.Append('\n');
        }

        _text.Append('\n');
    }

    private void AppendDifferences(TextCanvas canvas)
    {
        if (_shown.Length != canvas.Width * canvas.Height)
        {
            _shown = new TextCanvas.Cell[canvas.Width * canvas.Height];
        }

        int color = int.MinValue;
        int cursor = -1;
        for (int i = 0; i < _shown.Length; i++)
        {
            TextCanvas.Cell cell = canvas[i % canvas.Width, i / canvas.Width];
            if (cell == _shown[i])
            {
                continue;
            }

            if (cursor != i || i % canvas.Width == 0)
            {
                _text.Append("\e[").Append((i / canvas.Width) + 1).Append(';').Append((i % canvas.Width) + 1).Append('H');
            }

            if (color != cell.Color)
            {
                color = cell.Color;
                _text.Append(color < 0 ? "\e[0m" : "\e[38;5;").Append(color < 0 ? "" : color + "m");
            }

            _text.Append(cell.Character);
            _shown[i] = cell;
            cursor = i + 1;
        }
    }
}
