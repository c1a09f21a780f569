using System.Numerics;
using GameServer.Netcode.Primitives;

namespace GameServer.Bots;

/// <summary>How a bot turns its head: at the speed of a hand, with a hand's error.</summary>
/// <remarks>Owner: the thread that runs the bot. Allocates: no.</remarks>
internal struct BotAim
{
    private const float TurnMax = 7; // radians per second
    private const float Gain = 12; // per second: how eagerly an error is turned away

    private float _yaw;
    private float _pitch;
    private float _yawWanted;
    private float _yawRate;
    private float _yawError;
    private float _pitchError;
    private float _yawErrorGoal;
    private float _pitchErrorGoal;
    private float _untilNextError;

    /// <summary>Where it looks, a unit vector.</summary>
    public Vector3 Direction { get; private set; }

    /// <summary>Looks there at once: after a respawn.</summary>
    public void Reset(Vector3 direction)
    {
        _yaw = _yawWanted = DeterministicMath.Atan2(direction.Z, direction.X);
        _pitch = DeterministicMath.Asin(direction.Y);
        _yawRate = 0;
        Direction = direction;
    }

    /// <summary>Turns towards a direction for one tick.</summary>
    /// <param name="wanted">Unit vector.</param>
    /// <param name="clumsiness">Size of the error in radians; 0 when there is nothing to aim at.</param>
    /// <param name="seconds">Length of the tick.</param>
    /// <param name="random">The bot's chance.</param>
    public void Turn(Vector3 wanted, float clumsiness, float seconds, ref DeterministicRandom random)
    {
        WanderError(clumsiness, seconds, ref random);
        float yaw = DeterministicMath.Atan2(wanted.Z, wanted.X);
        float pitch = DeterministicMath.Asin(wanted.Y);

        // The eye follows a moving target at the target's own rate; a jump to another target is no movement.
        float moved = DeterministicMath.WrapAngle(yaw - _yawWanted);
        _yawWanted = yaw;
        float rate = MathF.Abs(moved) < 0.2f ? moved / seconds : 0;
        _yawRate += (rate - _yawRate) * MathF.Min(1, 8 * seconds);

        float yawTurn = (DeterministicMath.WrapAngle(yaw + _yawError - _yaw) * Gain) + _yawRate;
        float pitchTurn = (pitch + _pitchError - _pitch) * Gain;
        _yaw = DeterministicMath.WrapAngle(_yaw + (Math.Clamp(yawTurn, -TurnMax, TurnMax) * seconds));
        _pitch = Math.Clamp(_pitch + (Math.Clamp(pitchTurn, -TurnMax, TurnMax) * seconds), -1.5f, 1.5f);
        DeterministicMath.SinCos(_yaw, out float sinYaw, out float cosYaw);
        DeterministicMath.SinCos(_pitch, out float sinPitch, out float cosPitch);
        Direction = new Vector3(cosYaw * cosPitch, sinPitch, sinYaw * cosPitch);
    }

    // A hand drifts from one error to the next; it does not tremble.
    private void WanderError(float clumsiness, float seconds, ref DeterministicRandom random)
    {
        _untilNextError -= seconds;
        if (_untilNextError <= 0)
        {
            _untilNextError = random.NextFloat(0.15f, 0.5f);
            _yawErrorGoal = random.NextFloat(-1, 1);
            _pitchErrorGoal = random.NextFloat(-0.6f, 0.6f);
        }

        float part = MathF.Min(1, 6 * seconds);
        _yawError += ((_yawErrorGoal * clumsiness) - _yawError) * part;
        _pitchError += ((_pitchErrorGoal * clumsiness) - _pitchError) * part;
    }
}
