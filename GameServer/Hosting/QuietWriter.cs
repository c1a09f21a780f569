using System.Text;
using Microsoft.Win32.SafeHandles;

namespace GameServer.Hosting;

/// <summary>Standard output or error for lines that are not worth a process: what cannot be written is remembered and lost.</summary>
/// <remarks>A full disk below would else end a match, or the process in the middle of saying why it ends. Any thread.</remarks>
internal sealed class QuietWriter : TextWriter
{
    private readonly Lock _writing = new();
    private readonly FileStream? _stream;

    private QuietWriter(int handle)
    {
        try
        {
            _stream = new FileStream(new SafeFileHandle(handle, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            HasLost = true; // closed, or nothing that can be written to
        }
    }

    /// <summary>True when something could not be written.</summary>
    public bool HasLost { get; private set; }

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>Takes standard output and standard error of the process; returns that of the output.</summary>
    public static QuietWriter TakeConsole()
    {
        Console.SetError(new QuietWriter(2));
        var output = new QuietWriter(1);
        Console.SetOut(output);
        return output;
    }

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void WriteLine(string? value) => Write(value + "\n");

    public override void Write(string? value)
    {
        lock (_writing)
        {
            try
            {
                _stream?.Write(Encoding.UTF8.GetBytes(value ?? ""));
            }
            catch (IOException)
            {
                HasLost = true;
            }
        }
    }
}
