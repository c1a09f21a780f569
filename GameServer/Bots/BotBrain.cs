using System.Numerics;
using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Bots;

/// <summary>Plays the arena: decides an input from what a client sees, as slowly and as inexactly as a person.</summary>
/// <remarks>The same seed and the same sight give the same inputs. Owner: the thread that runs the bot. Allocates: at start.</remarks>
internal sealed class BotBrain
{
    private const float SightRange = 40;
    private const float ReactionSeconds = 0.22f;
    private const float HealthLow = 45;
    private const float DistanceLiked = 9;

    private readonly float _seconds;
    private readonly BotRoute _route = new();
    private DeterministicRandom _random;
    private BotAim _aim;
    private bool _wasAlive;
    private bool _hasGoal;
    private EntityId _target;
    private float _targetSeen; // seconds
    private Vector3 _lastSeen;
    private float _untilStrafe;
    private float _strafe;
    private float _untilBurst;
    private bool _holdsFire;
    private float _untilRocket;
    private Vector3 _progressFrom;
    private float _untilProgress;

    /// <summary>A bot that decides <paramref name="tickRateHz"/> times a second.</summary>
    public BotBrain(ulong seed, int tickRateHz)
    {
        _seconds = 1f / tickRateHz;
        _random = DeterministicRandom.From(seed, 0xB07);
    }

    /// <summary>The input of one tick.</summary>
    /// <param name="me">Its own soldier, as predicted.</param>
    /// <param name="others">The soldiers on screen; its own may be among them.</param>
    /// <param name="ids">Their ids, in the same order.</param>
    /// <param name="pickups">The pickups on screen.</param>
    public ArenaInput Decide(in Soldier me, ReadOnlySpan<Soldier> others, ReadOnlySpan<EntityId> ids, ReadOnlySpan<Pickup> pickups)
    {
        if (!me.IsAlive || !_wasAlive)
        {
            _wasAlive = me.IsAlive;
            _hasGoal = false;
            _target = EntityId.None;
            _aim.Reset(me.Aim);
            return new ArenaInput { Aim = me.Aim };
        }

        int enemy = FindTarget(in me, others, ids);
        Vector3 move = enemy >= 0 && !NeedsHealth(in me) ? Fight(in me, in others[enemy]) : Travel(in me, pickups);
        Look(in me, others, enemy, move);

        var input = new ArenaInput { MoveX = move.X, MoveZ = move.Z, Aim = _aim.Direction };
        if (enemy >= 0)
        {
            PullTriggers(in me, in others[enemy], ref input.Buttons);
        }

        return input;
    }

    private static bool NeedsHealth(in Soldier me) => me.Health < HealthLow;

    // Stays with the enemy it has for as long as it sees him; else takes the nearest.
    private int FindTarget(in Soldier me, ReadOnlySpan<Soldier> others, ReadOnlySpan<EntityId> ids)
    {
        int best = -1;
        float nearest = SightRange;
        for (int i = 0; i < others.Length; i++)
        {
            ref readonly Soldier other = ref others[i];
            float distance = DeterministicMath.Distance(me.Position, other.Position);
            distance = ids[i] == _target ? distance / 4 : distance;
            if (other.Player != me.Player && other.IsAlive && distance < nearest && ArenaMap.IsClear(me.Eye, other.Chest))
            {
                nearest = distance;
                best = i;
            }
        }

        EntityId target = best >= 0 ? ids[best] : EntityId.None;
        _targetSeen = target == _target ? _targetSeen + _seconds : 0;
        if (best < 0 && !_target.IsNone)
        {
            // It goes to where it lost him.
            _route.LeadTo(_lastSeen);
            _hasGoal = true;
        }

        _target = target;
        _lastSeen = best >= 0 ? others[best].Position : _lastSeen;
        return best;
    }

    // Circles at a distance it likes, the other way round now and then and before a wall.
    private Vector3 Fight(in Soldier me, in Soldier enemy)
    {
        Vector3 towards = DeterministicMath.Normalize(enemy.Position - me.Position);
        _untilStrafe -= _seconds;
        var side = new Vector3(-towards.Z, 0, towards.X);
        bool isBlocked = ArenaMap.Raycast(me.Chest, side * _strafe, 2) < 1;
        if (_untilStrafe <= 0 || (isBlocked && _untilStrafe < 0.8f))
        {
            _strafe = isBlocked || _random.NextBool(0.6f) ? -_strafe : _strafe;
            _strafe = _strafe == 0 ? 1 : _strafe;
            _untilStrafe = _random.NextFloat(0.5f, 1.3f);
        }

        float closer = Math.Clamp((DeterministicMath.Distance(me.Position, enemy.Position) - DistanceLiked) / 4, -1, 1);
        return DeterministicMath.Normalize((side * _strafe) + (towards * closer));
    }

    private Vector3 Travel(in Soldier me, ReadOnlySpan<Pickup> pickups)
    {
        _untilProgress -= _seconds;
        bool arrived = DeterministicMath.Distance(me.Position, _route.Goal) < 1;
        bool isStuck = _untilProgress <= 0 && DeterministicMath.Distance(me.Position, _progressFrom) < 1;
        if (_untilProgress <= 0)
        {
            _untilProgress = 1.5f;
            _progressFrom = me.Position;
        }

        if (!_hasGoal || arrived || isStuck)
        {
            _route.LeadTo(ChooseGoal(in me, pickups));
            _hasGoal = true;
        }

        return _route.DirectionFrom(me.Position);
    }

    // What it needs, when it does not see that it is gone; else a place where others come by: the middle more often than the corners.
    private Vector3 ChooseGoal(in Soldier me, ReadOnlySpan<Pickup> pickups)
    {
        if (NeedsHealth(in me) || (me.Rockets == 0 && _random.NextBool(0.5f)))
        {
            int wanted = NeedsHealth(in me) ? ArenaGame.HealthKind : ArenaGame.RocketsKind;
            Vector3 best = default;
            float nearest = float.PositiveInfinity;
            for (int i = 0; i < ArenaMap.Pickups.Count; i++)
            {
                Pickup pickup = ArenaMap.Pickups[i];
                float distance = DeterministicMath.Distance(me.Position, pickup.Position);
                if (pickup.Kind == wanted && distance < nearest && distance > 1 && !IsSeenGone(pickup.Position, pickups))
                {
                    nearest = distance;
                    best = pickup.Position;
                }
            }

            if (nearest < float.PositiveInfinity)
            {
                return best;
            }
        }

        Vector3 place = ArenaMap.SpawnPoints[_random.NextInt(ArenaMap.SpawnPoints.Count)];
        Vector3 other = ArenaMap.SpawnPoints[_random.NextInt(ArenaMap.SpawnPoints.Count)];
        var middle = new Vector3(32, 0, 32);
        return DeterministicMath.Distance(place, middle) < DeterministicMath.Distance(other, middle) ? place : other;
    }

    private static bool IsSeenGone(Vector3 place, ReadOnlySpan<Pickup> pickups)
    {
        foreach (ref readonly Pickup pickup in pickups)
        {
            if (pickup.IsPresent == 0 && DeterministicMath.Distance(pickup.Position, place) < 0.5f)
            {
                return true;
            }
        }

        return false;
    }

    // The longer it follows somebody, the better it aims.
    private void Look(in Soldier me, ReadOnlySpan<Soldier> others, int enemy, Vector3 move)
    {
        if (enemy >= 0)
        {
            Vector3 wanted = DeterministicMath.Normalize(others[enemy].Chest - me.Eye);
            _aim.Turn(wanted, 0.09f / (1 + MathF.Min(_targetSeen, 2)), _seconds, ref _random);
        }
        else
        {
            _aim.Turn(move == default ? _aim.Direction : move, 0, _seconds, ref _random);
        }
    }

    private void PullTriggers(in Soldier me, in Soldier enemy, ref Buttons buttons)
    {
        Vector3 wanted = enemy.Chest - me.Eye;
        float distance = DeterministicMath.Length(wanted);
        float along = DeterministicMath.Dot(wanted, _aim.Direction);
        float miss = DeterministicMath.Length(wanted - (_aim.Direction * along));
        bool isReady = _targetSeen > ReactionSeconds && along > 0;

        // Bursts, and some bullets beside the target: nobody stops in time.
        _untilBurst -= _seconds;
        if (_untilBurst <= 0)
        {
            _holdsFire = !_holdsFire && _random.NextBool(0.8f);
            _untilBurst = _holdsFire ? _random.NextFloat(0.15f, 0.35f) : _random.NextFloat(0.5f, 1.2f);
        }

        buttons.Set(ArenaInput.Fire, isReady && !_holdsFire && miss < 0.9f);
        _untilRocket -= _seconds;
        if (isReady && me.Rockets > 0 && _untilRocket <= 0 && miss < 1 && distance is > 4.5f and < 20)
        {
            _untilRocket = _random.NextFloat(1, 4);
            buttons.Set(ArenaInput.Launch, true);
        }
    }
}
