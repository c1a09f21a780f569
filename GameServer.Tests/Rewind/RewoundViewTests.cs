using System.Numerics;
using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Rewind;
using GameServer.Netcode.Snapshots;

namespace GameServer.Tests.Rewind;

/// <summary>L2: no ray meets a target before its spawn or its last teleport, nor one that the client did not know.</summary>
public sealed class RewoundViewTests
{
    private static readonly Vector3 Here = new(20, 0, 10);
    private static readonly Vector3 There = new(40, 0, 40);
    private static readonly PlayerId Shooter = new(0);

    private readonly Schema _schema = GameSchema<ArenaInput>.Of(new ArenaGame());
    private World _world = null!;
    private SnapshotHistory _history = null!;
    private InterestGrid _grid = null!;
    private SnapshotStream _stream = null!;
    private SnapshotWriter _writer = null!;
    private RewoundView _view = null!;
    private EntityId _target;
    private Tick _tick;

    [SetUp]
    public void MakeWorld()
    {
        _tick = new Tick(uint.MaxValue - 10);
        _world = new World(_schema, 2, 1) { Tick = _tick };
        _history = new SnapshotHistory(_world);
        _grid = new InterestGrid(_world);
        _stream = new SnapshotStream(_world);
        _writer = new SnapshotWriter(_world, _history, new EventLog(_schema), new EventLog(_schema));
        _view = new RewoundView(_schema, _history, static _ => { });
        _world.Players.Take(Shooter, "shooter", spectator: false);
        _world.Players.SetAvatar(Shooter, _world.Spawn(ArenaGame.Soldiers, new Soldier { Position = new Vector3(10, 0, 10), Health = 100 }, Shooter));
        _stream.Start(Shooter, isSpectator: false, 0);
        Run(5);
    }

    [Test]
    public void Raycast_TargetStands_IsHitAtEveryTickSinceTheClientKnowsIt()
    {
        Tick spawned = Spawn();
        Run(12);
        for (Tick at = spawned; at < _tick; at += 1)
        {
            Assert.That(IsHit(at), Is.True, $"{at - spawned} ticks after its spawn");
        }

        Assert.That(_view.LacksState, Is.False);
    }

    [Test]
    public void Raycast_BeforeTheSpawn_HitsNothing()
    {
        Tick spawned = Spawn();
        Run(12);
        Assert.That(IsHit(spawned - 1), Is.False);
        Assert.That(IsHit(spawned - 4), Is.False);
    }

    [Test]
    public void Raycast_BeforeTheLastTeleport_HitsNothingAndSaysThatTheScreenShowedMore()
    {
        Spawn();
        Run(8);
        _world.Teleport(_target);
        _world.Get(ArenaGame.Soldiers, _target).Position = There;
        Run(1);
        Tick teleported = _tick - 1;
        Run(6);
        Assert.That(IsHit(teleported - 3), Is.False, "it has left that place for good");
        Assert.That(_view.LacksState, Is.True);
        Assert.That(IsHit(teleported + 2), Is.False, "it is elsewhere");
        Assert.That(_view.LacksState, Is.False);
    }

    [Test]
    public void Raycast_ClientNeverAcknowledged_HitsNothing()
    {
        _target = _world.Spawn(ArenaGame.Soldiers, new Soldier { Position = Here, Health = 100 });
        Run(8, acknowledged: false);
        Assert.That(IsHit(_tick - 1), Is.False);
    }

    [Test]
    public void Raycast_StateOlderThanTheHistoryAndChangedSince_SaysSo()
    {
        Spawn();
        Run(4);
        Run(Limits.HistoryTicks + 20, acknowledged: false, moves: true);
        Assert.That(IsHit(_tick - 1), Is.False);
        Assert.That(_view.IsFreshened, Is.True);
    }

    // The client has a state and nothing after it. It decides at the cap's age, not one tick beyond it; then the state at the cap does.
    [TestCase(-1, false)]
    [TestCase(0, false)]
    [TestCase(1, true)]
    public void L4_StateOlderThanTheCapAndChangedSince_IsReplacedByTheOneAtTheCap(int beyond, bool replaced)
    {
        Spawn();
        Run(4);
        Tick had = _tick - 1;
        MoveAside();
        Run(20, acknowledged: false);
        Assert.That(IsHit(had, oldest: had + beyond), Is.EqualTo(!replaced), "where he stood when the client last heard of him");
        Assert.That(_view.IsFreshened, Is.EqualTo(replaced));
        Assert.That(replaced || _view.StateTick <= had);
        Assert.That(IsHitAside(had, oldest: had + beyond), Is.EqualTo(replaced), "where he is at the cap");
        Assert.That(!replaced || _view.StateTick == had + beyond);
    }

    [Test]
    public void L4_StateOlderThanTheCapThatHasNotChanged_Decides()
    {
        Spawn();
        Run(4);
        Tick had = _tick - 1;
        Run(20, acknowledged: false);
        Assert.That(IsHit(had, oldest: _tick - 3), Is.True);
        Assert.That(_view.IsFreshened, Is.False);
        Assert.That(_view.StateTick, Is.LessThanOrEqualTo(had));
        MoveAside();
        Run(3, acknowledged: false);
        Assert.That(IsHit(had, oldest: _tick - 4), Is.True, "it changes only after the cap");
        Assert.That(IsHit(had, oldest: _tick - 3), Is.False, "it has changed at the cap");
    }

    [Test]
    public void L4_TargetHasLeftTheInterestAndTheClientIsSilent_IsNotHit()
    {
        Spawn();
        Run(4);
        Tick had = _tick - 1;
        _world.Get(ArenaGame.Soldiers, _target).Position = new Vector3(60, 0, 60);
        Run(20, acknowledged: false);
        Assert.That(IsHit(had, oldest: _tick - 6), Is.False);
    }

    [Test]
    public void ShowPresent_TargetHasMoved_IsHitWhereItIsNow()
    {
        Spawn();
        Run(4);
        MoveAside();
        Run(20, acknowledged: false);
        _view.ShowPresent(_stream, _tick);
        Assert.That(Cast(new Vector3(1, 0, 0)), Is.False);
        Assert.That(Cast(DeterministicMath.Normalize(Aside - Here + new Vector3(10, 0, 0))), Is.True);
        Assert.That(_view.StateTick, Is.EqualTo(_tick - 1));
    }

    // A grace of three ticks. The one on screen is hit while that is not over, wherever he is by then.
    [TestCase(2, true)]
    [TestCase(3, false)]
    [TestCase(4, false)]
    public void Sight_TargetHasBeenBehindCoverForSoManyTicks_IsHitWithinTheGraceOnly(int ticks, bool hit)
    {
        Spawn();
        Run(4);
        Tick had = _tick - 1;
        _world.Get(ArenaGame.Soldiers, _target).Position = BehindAWall;
        Run(ticks);
        Assert.That(IsHit(had), Is.EqualTo(hit));
        Assert.That(_view.HidesTarget, Is.EqualTo(!hit));
    }

    [Test]
    public void Sight_TargetCameOutAgainOrDied_DecidesNothing()
    {
        Spawn();
        Run(4);
        Tick had = _tick - 1;
        _world.Get(ArenaGame.Soldiers, _target).Position = BehindAWall;
        Run(3);
        _world.Get(ArenaGame.Soldiers, _target).Position = Here;
        Run(3);
        Assert.That(IsHit(had), Is.True, "he stands in the open");
        _world.Get(ArenaGame.Soldiers, _target).Position = BehindAWall;
        _world.Get(ArenaGame.Soldiers, _target).Health = 0;
        Run(5);
        Assert.That(IsHit(had), Is.True, "the dead have no hitbox that could be hidden; the rules decide");
        Assert.That(_view.HidesTarget, Is.False);
    }

    private static Vector3 BehindAWall => new(23.5f, 0, 5);

    private static Vector3 Aside => Here + new Vector3(0, 0, 4);

    private void MoveAside() => _world.Get(ArenaGame.Soldiers, _target).Position = Aside;

    private bool IsHit(Tick at, Tick oldest) => IsHit(at, oldest, new Vector3(1, 0, 0));

    private bool IsHitAside(Tick at, Tick oldest) => IsHit(at, oldest, DeterministicMath.Normalize(Aside - Here + new Vector3(10, 0, 0)));

    private bool IsHit(Tick at, Tick oldest, Vector3 direction)
    {
        var stamp = new ViewStamp(at, 0, _stream.NewestAcked);
        _view.Show(_stream, in stamp, oldest, 3);
        return Cast(direction);
    }

    private bool Cast(Vector3 direction) => _view.Raycast(new Vector3(10, 1, 10), direction, 50, out Hit hit) && hit.Entity == _target;

    private Tick Spawn()
    {
        _target = _world.Spawn(ArenaGame.Soldiers, new Soldier { Position = Here, Health = 100 });
        return _tick;
    }

    private bool IsHit(Tick at)
    {
        var stamp = new ViewStamp(at, 0, _stream.NewestAcked);
        _view.Show(_stream, in stamp, _tick - 60, 3);
        return _view.Raycast(new Vector3(10, 1, 10), new Vector3(1, 0, 0), 50, out Hit hit) && hit.Entity == _target;
    }

    private void Run(int ticks, bool acknowledged = true, bool moves = false)
    {
        var buffer = new byte[1200];
        for (int i = 0; i < ticks; i++, _tick += 1)
        {
            if (moves)
            {
                _world.Get(ArenaGame.Soldiers, _target).Position += new Vector3(0, 0, 0.1f);
            }

            _world.Tick = _tick;
            _history.Capture(_tick);
            _grid.Rebuild();
            _stream.UpdateInterest(_grid, _history.Changed, _tick);
            _writer.Build(_stream, buffer.Length);
            SnapshotHeader header = default;
            _writer.Write(buffer, _stream, ref header);
            _writer.Complete();
            _world.OwnerChanged.Clear();
            if (acknowledged)
            {
                Assert.That(_stream.Acknowledge(header.Sequence, uint.MaxValue, _tick));
            }
        }
    }
}
