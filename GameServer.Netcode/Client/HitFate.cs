namespace GameServer.Netcode.Client;

/// <summary>What became of a ray that hit something on the client's screen.</summary>
public enum HitFate
{
    /// <summary>The server's word is still to come.</summary>
    Waiting = 0,

    /// <summary>The server hit the same target, in whatever world it judged the ray.</summary>
    Confirmed = 1,

    /// <summary>The server did not fire: the shooter was dead by then, or had been changed otherwise, or its input was missing.</summary>
    NotFired = 2,

    /// <summary>Judged in another view than the client's, which was not acceptable, and another target.</summary>
    Clamped = 3,

    /// <summary>Judged apart because the view was extrapolated on either side, and another target.</summary>
    Extrapolated = 4,

    /// <summary>Fired from elsewhere: the shooter had been pushed, or its input was made up, and another target.</summary>
    Apart = 5,

    /// <summary>Judged in the same world, and another target: a disagreement.</summary>
    Disputed = 6,

    /// <summary>The verdict did not come in time.</summary>
    Unheard = 7,

    /// <summary>The target had been behind cover on the server for longer than the game allows: a rule of the game.</summary>
    Hidden = 8,
}
