namespace GameServer.Netcode.Game;

/// <summary>Who is in the room. Part of the world's state.</summary>
/// <remarks>Owner: simulation thread.</remarks>
public sealed class PlayerTable
{
    private readonly Seat[] _seats;

    internal PlayerTable(int capacity) => _seats = new Seat[capacity];

    private struct Seat
    {
        public bool IsTaken;
        public bool IsSpectator;
        public bool IsMuted;
        public EntityId Avatar;
        public System.Numerics.Vector3 ViewPoint;
        public bool HasViewPoint;
        public string? Name;
    }

    /// <summary>Seats.</summary>
    public int Capacity => _seats.Length;

    /// <summary>Players in the room, without spectators.</summary>
    public int Count { get; private set; }

    /// <summary>True when the seat is taken by a player or spectator.</summary>
    public bool IsTaken(PlayerId player) => (uint)player.Index < (uint)_seats.Length && _seats[player.Index].IsTaken;

    /// <summary>True when the seat is taken by somebody who only watches.</summary>
    public bool IsSpectator(PlayerId player) => IsTaken(player) && _seats[player.Index].IsSpectator;

    /// <summary>The name that the player gave, or an empty one.</summary>
    public string Name(PlayerId player) => IsTaken(player) ? _seats[player.Index].Name ?? string.Empty : string.Empty;

    /// <summary>The entity whose position is the centre of what the player may see; none: the last one's position. None for a free seat.</summary>
    public EntityId Avatar(PlayerId player) => IsTaken(player) ? _seats[player.Index].Avatar : EntityId.None;

    /// <summary>Makes an entity the centre of what the player may see.</summary>
    /// <exception cref="ArgumentException">The room has no such seat.</exception>
    public void SetAvatar(PlayerId player, EntityId avatar)
    {
        CheckSeat(player, nameof(player));
        _seats[player.Index].Avatar = avatar;
    }

    /// <summary>True while nobody hears what the player says.</summary>
    public bool IsMuted(PlayerId player) => IsTaken(player) && _seats[player.Index].IsMuted;

    /// <summary>Keeps what a player says from everybody, or no longer; ends when they leave.</summary>
    public void Mute(PlayerId player, bool isMuted = true)
    {
        if (IsTaken(player))
        {
            _seats[player.Index].IsMuted = isMuted;
        }
    }

    internal void CheckSeat(PlayerId player, string name)
    {
        if ((uint)player.Index >= (uint)_seats.Length)
        {
            ThrowNoSeat(player, name);
        }
    }

    private void ThrowNoSeat(PlayerId player, string name) =>
        throw new ArgumentOutOfRangeException(name, player, $"the room has the seats 0 to {_seats.Length - 1}");

    internal void Take(PlayerId player, string name, bool spectator)
    {
        _seats[player.Index] = new Seat { IsTaken = true, IsSpectator = spectator, Name = name };
        Count += spectator ? 0 : 1;
    }

    internal void Free(PlayerId player)
    {
        Count -= _seats[player.Index].IsSpectator ? 0 : 1;
        _seats[player.Index] = default;
    }

    internal bool TryGetViewPoint(PlayerId player, World world, out System.Numerics.Vector3 point)
    {
        ref Seat seat = ref _seats[player.Index];
        if (world.TryGetPosition(seat.Avatar, out System.Numerics.Vector3 position))
        {
            seat.ViewPoint = position;
            seat.HasViewPoint = true;
        }

        point = seat.ViewPoint;
        return seat.HasViewPoint;
    }
}
