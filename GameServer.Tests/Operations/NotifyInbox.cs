using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace GameServer.Tests.Operations;

/// <summary>A notification socket as systemd has one.</summary>
internal sealed class NotifyInbox : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public NotifyInbox(bool isAbstract)
    {
        string name = "gameserver-test-" + Guid.NewGuid().ToString("N");
        Name = isAbstract ? "@" + name : Path.Combine(Path.GetTempPath(), name);
        _socket.Bind(new UnixDomainSocketEndPoint(isAbstract ? "\0" + name : Name));
        _ = Task.Run(Receive);
    }

    public string Name { get; }

    public ConcurrentQueue<string> Messages { get; } = new();

    public void Dispose()
    {
        _socket.Dispose();
        if (Name[0] == '/')
        {
            File.Delete(Name);
        }
    }

    private async Task Receive()
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (true)
            {
                Messages.Enqueue(Encoding.UTF8.GetString(buffer, 0, await _socket.ReceiveAsync(buffer)));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
