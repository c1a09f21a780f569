namespace GameServer.Netcode.Transport;

/// <summary>Bytes of buffers that the early packets of one peer hold: half of them are split evenly among its channels, the rest goes to any of them.</summary>
/// <remarks>
/// A channel that loses a packet holds up to 63 behind it, and what cannot be held is sent again. What one channel holds never takes another's share.
/// Owner: the endpoint's thread. Allocates: no, after construction.
/// </remarks>
internal sealed class HoldBudget(int channels, int bytesMax)
{
    private readonly int _shareBytes = bytesMax / 2 / channels;
    private readonly int _commonBytesMax = bytesMax - (bytesMax / 2 / channels * channels);
    private int _commonBytes;

    /// <summary>Takes room for <paramref name="bytes"/> of a channel that holds <paramref name="heldBytes"/>; false when there is none.</summary>
    public bool TryTake(int heldBytes, int bytes)
    {
        int common = Beyond(heldBytes + bytes) - Beyond(heldBytes);
        if (_commonBytes + common > _commonBytesMax)
        {
            return false;
        }

        _commonBytes += common;
        return true;
    }

    /// <summary>Gives back room for <paramref name="bytes"/> of a channel that held <paramref name="heldBytes"/>.</summary>
    public void Return(int heldBytes, int bytes) => _commonBytes -= Beyond(heldBytes) - Beyond(heldBytes - bytes);

    private int Beyond(int bytes) => Math.Max(0, bytes - _shareBytes);
}
