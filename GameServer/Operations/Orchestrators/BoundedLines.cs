using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace GameServer.Operations.Orchestrators;

/// <summary>Reads answers of somebody who may send anything: bounded in memory, and in what is read in a second.</summary>
internal static class BoundedLines
{
    /// <summary>Longest answer and longest line that is read.</summary>
    public const int BytesMax = 1 << 20;

    private const int BytesPerSecondMax = 8 << 20;
    private const int LinesPerSecondMax = 1_000;

    /// <summary>The whole text.</summary>
    /// <exception cref="InvalidDataException">It is longer than <see cref="BytesMax"/>.</exception>
    public static async Task<string> ReadAll(Stream stream, CancellationToken end)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(4_096);
        try
        {
            int length = 0;
            while (await stream.ReadAsync(buffer.AsMemory(length), end) is var read and > 0)
            {
                length += read;
                buffer = Grown(buffer, length);
            }

            return Encoding.UTF8.GetString(buffer, 0, length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The lines that are not empty, as they come.</summary>
    /// <exception cref="InvalidDataException">A line is too long, or more comes than anybody has to say.</exception>
    public static async IAsyncEnumerable<string> Read(Stream stream, [EnumeratorCancellation] CancellationToken end)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(4_096);
        try
        {
            int length = 0;
            var budget = new Budget();
            while (await stream.ReadAsync(buffer.AsMemory(length), end) is var read and > 0)
            {
                int searched = length;
                length += read;
                budget.Spend(read, lines: 0);
                int start = 0;
                while (buffer.AsSpan(searched, length - searched).IndexOf((byte)'\n') is var found and >= 0)
                {
                    int stop = searched + found;
                    budget.Spend(0, lines: 1);
                    string line = Encoding.UTF8.GetString(buffer, start, stop - start).Trim();
                    start = searched = stop + 1;
                    if (line.Length > 0)
                    {
                        yield return line;
                    }
                }

                buffer.AsSpan(start, length - start).CopyTo(buffer);
                length -= start;
                buffer = Grown(buffer, length);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grown(byte[] buffer, int length)
    {
        if (length < buffer.Length)
        {
            return buffer;
        }

        if (length >= BytesMax)
        {
            throw new InvalidDataException($"it sends more than {BytesMax:N0} bytes at once");
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    /// <summary>How much may come within a second.</summary>
    private sealed class Budget
    {
        private long _sinceMicros = ServerControl.NowMicros();
        private long _bytes;
        private int _lines;

        public void Spend(int bytes, int lines)
        {
            long now = ServerControl.NowMicros();
            if (now - _sinceMicros >= 1_000_000)
            {
                (_sinceMicros, _bytes, _lines) = (now, 0, 0);
            }

            _bytes += bytes;
            _lines += lines;
            if (_bytes > BytesPerSecondMax || _lines > LinesPerSecondMax)
            {
                throw new InvalidDataException("it sends without end");
            }
        }
    }
}
