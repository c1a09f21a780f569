using GameServer.Netcode.Game;

namespace GameServer.Netcode.Inputs;

/// <summary>Presses between two ticks, by button: each tick presses a button once at most, and what was tapped faster than that waits for the next ones.</summary>
/// <remarks>Owner: the client's thread. Allocates: at start.</remarks>
internal sealed class PressLatch
{
    /// <summary>Presses of one button that may wait: more would come too late to be what the player meant.</summary>
    public const int WaitingMax = 8;

    private readonly byte[] _waiting = new byte[16];
    private ushort _heldBefore;
    private ushort _mask;

    /// <summary>Presses that were lost because too many of their button waited.</summary>
    public long Merged { get; private set; }

    /// <summary>Takes the buttons of one update: those that went down since the one before, and those that the game itself says were pressed.</summary>
    public void Sample(ref Buttons buttons)
    {
        int pressed = (buttons.Held & ~_heldBefore) | buttons.Pressed;
        _heldBefore = buttons.Held;
        buttons.Pressed = 0;
        for (int i = 0; pressed >> i != 0; i++)
        {
            if ((pressed >> i & 1) == 0)
            {
                continue;
            }

            if (_waiting[i] == WaitingMax)
            {
                Merged++;
                continue;
            }

            _waiting[i]++;
            _mask |= (ushort)(1 << i);
        }
    }

    /// <summary>The presses of the next tick.</summary>
    public ushort Take()
    {
        ushort taken = _mask;
        for (int i = 0; taken >> i != 0; i++)
        {
            if ((taken >> i & 1) != 0 && --_waiting[i] == 0)
            {
                _mask &= (ushort)~(1 << i);
            }
        }

        return taken;
    }
}
