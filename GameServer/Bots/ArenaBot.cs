using GameServer.Arena;
using GameServer.Netcode.Client;

namespace GameServer.Bots;

/// <summary>The arena's brain behind a client's eyes.</summary>
internal sealed class ArenaBot(ulong seed) : IBotBrain<ArenaInput>
{
    private BotBrain? _brain;

    public void Decide(GameClient<ArenaInput> client, ref ArenaInput input)
    {
        _brain ??= new BotBrain(seed, client.Welcome.TickRateHz);
        if (client.TryGetOwned(ArenaGame.Soldiers, out Soldier me))
        {
            ViewEntities<Soldier> soldiers = client.View.Of(ArenaGame.Soldiers);
            input = _brain.Decide(in me, soldiers.Values, soldiers.Ids, client.View.Of(ArenaGame.Pickups).Values);
        }
    }
}
