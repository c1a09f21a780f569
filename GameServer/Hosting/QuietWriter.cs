using System.Runtime.InteropServices;
using System.Text;

namespace GameServer.Hosting;

/// <summary>Standard output or error for lines that are not worth a process: what cannot be written is remembered and lost.</summary>
/// <remarks>
/// A full disk below would else end a match, or the process in the middle of saying why it ends. It writes where the file stands, as others do who
/// share the file, and needs no handle of its own. Any thread.
/// </remarks>
internal sealed partial class QuietWriter : TextWriter
{
    private readonly Lock _writing = new();
    private readonly int _handle;
    private readonly TextWriter _elsewhere; // than on Linux
    private readonly bool _isOpen;

    private QuietWriter(int handle, TextWriter elsewhere)
    {
        _handle = handle;
        _elsewhere = elsewhere;
        _isOpen = StandardHandles.IsOpen(handle);
    }

    /// <summary>True when something could not be written.</summary>
    public bool HasLost { get; private set; }

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>Takes standard output and standard error of the process; returns that of the output.</summary>
    public static QuietWriter TakeConsole()
    {
        Console.SetError(new QuietWriter(StandardHandles.Error, Console.Error));
        var output = new QuietWriter(StandardHandles.Output, Console.Out);
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
                if (!_isOpen)
                {
                    HasLost = true;
                }
                else if (OperatingSystem.IsLinux())
                {
                    HasLost |= !TryWrite(Encoding.UTF8.GetBytes(value ?? ""));
                }
                else
                {
                    _elsewhere.Write(value);
                }
            }
            catch (IOException)
            {
                HasLost = true;
            }
        }
    }

    private bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            nint written = WriteBytes(_handle, in MemoryMarshal.GetReference(bytes), bytes.Length);
            if (written < 0 && Marshal.GetLastPInvokeError() == Interrupted)
            {
                continue;
            }

            if (written <= 0)
            {
                return false;
            }

            bytes = bytes[(int)written..];
        }

        return true;
    }

    private const int Interrupted = 4; // EINTR

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteBytes(int handle, in byte bytes, nint count);
}
