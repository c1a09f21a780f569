using System.Numerics;
using GameServer.Arena;
using GameServer.Bots;
using GameServer.Netcode.Client;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Primitives;

namespace GameServer.Bench.Cheats;

/// <summary>Somebody who plays with an aim that never errs, and lies about what he has seen and received. He walks as the honest bots do.</summary>
/// <remarks>Each cheat overrides the lies that it tells. What it aims at may lie in the past, if it hopes to be judged there.</remarks>
internal class Cheat(string name, ulong seed)
{
    /// <summary>Frames that are remembered, by the tick of the inputs that were given with them.</summary>
    private const int Frames = 256;

    private readonly ArenaBot _walker = new(seed);
    private readonly Frame[] _frames = [.. Enumerable.Range(0, Frames).Select(static _ => new Frame())];
    private readonly uint[] _claims = new uint[Frames];

    private sealed class Frame
    {
        public uint Tick;
        public ViewStamp Stamp;
        public List<Vector3> Chests { get; } = [];
    }

    public string Name => name;

    /// <summary>Seeded chance of the cheat's own.</summary>
    protected DeterministicRandom Random = DeterministicRandom.From(seed, 0xC4EA7);

    /// <summary>Sends each packet a second time, with inputs for the ticks after it.</summary>
    public virtual bool SendsTwice => false;

    /// <summary>Ticks back to the frames that it aims into: from, to.</summary>
    protected virtual (int From, int To) AimsInto(Tick tick) => (0, 0);

    /// <summary>Forges the acknowledgement.</summary>
    public virtual (ushort Newest, uint Bits) Acknowledge(ushort newest, uint bits, Tick tick) => (newest, bits);

    /// <summary>Forges the stamp of an input; <paramref name="claim"/> is the honest one of the frame that it aimed into.</summary>
    public virtual ViewStamp Stamp(Tick tick, ViewStamp claim) => claim;

    /// <summary>Changes the input after aim and walk.</summary>
    protected virtual void Spoil(ref ArenaInput input, Tick tick)
    {
    }

    /// <summary>How long a packet is kept back before it leaves, in microseconds; −1: it never does.</summary>
    public virtual long HoldsMicros(long nowMicros) => 0;

    /// <summary>Decides an input: walks, aims at whom it could hit in the frames it hopes for, and shoots at once.</summary>
    public void Decide(GameClient<ArenaInput> client, ref ArenaInput input)
    {
        Remember(client);
        _walker.Decide(client, ref input);
        Tick tick = client.Tick + 1;
        _claims[tick.Value % Frames] = client.Tick.Value;
        input.Buttons.Set(ArenaInput.Fire, false);
        input.Buttons.Set(ArenaInput.Launch, false);
        if (client.TryGetOwned(ArenaGame.Soldiers, out Soldier me) && me.IsAlive && TryAim(client, in me, out Vector3 aim))
        {
            input.Aim = aim;
            input.Buttons.Set(ArenaInput.Fire, true);
        }

        Spoil(ref input, tick);
    }

    /// <summary>The stamp that goes out for the input of a tick.</summary>
    public ViewStamp Forge(Tick tick, ViewStamp honest)
    {
        Frame own = _frames[tick.Value % Frames];
        own.Stamp = own.Tick == tick.Value ? own.Stamp : honest;
        Frame claimed = _frames[_claims[tick.Value % Frames] % Frames];
        return Stamp(tick, claimed.Tick == _claims[tick.Value % Frames] && claimed.Stamp.Newest != default ? claimed.Stamp : honest);
    }

    /// <summary>Takes note of the honest stamp of a tick's input.</summary>
    public void Note(Tick tick, ViewStamp honest)
    {
        Frame frame = _frames[tick.Value % Frames];
        if (frame.Tick != tick.Value)
        {
            frame.Tick = tick.Value;
            frame.Chests.Clear();
        }

        frame.Stamp = honest;
    }

    // What is on screen now was drawn with the stamp of the newest tick.
    private void Remember(GameClient<ArenaInput> client)
    {
        Frame frame = _frames[client.Tick.Value % Frames];
        if (frame.Tick != client.Tick.Value)
        {
            frame.Tick = client.Tick.Value;
            frame.Stamp = default;
        }

        frame.Chests.Clear();
        ViewEntities<Soldier> soldiers = client.View.Of(ArenaGame.Soldiers);
        for (int i = 0; i < soldiers.Count; i++)
        {
            if (!soldiers.IsOwn(i) && soldiers[i].IsAlive)
            {
                frame.Chests.Add(soldiers[i].Chest);
            }
        }
    }

    private bool TryAim(GameClient<ArenaInput> client, in Soldier me, out Vector3 aim)
    {
        (int from, int to) = AimsInto(client.Tick + 1);
        aim = default;
        for (int back = from; back <= to; back++)
        {
            uint key = client.Tick.Value - (uint)back;
            Frame frame = _frames[key % Frames];
            float best = float.MaxValue;
            foreach (Vector3 chest in frame.Chests)
            {
                float distance = DeterministicMath.Distance(chest, me.Eye);
                if (frame.Tick == key && distance < best && ArenaMap.IsClear(me.Eye, chest))
                {
                    best = distance;
                    aim = DeterministicMath.Normalize(chest - me.Eye);
                }
            }

            if (best < float.MaxValue)
            {
                _claims[(client.Tick.Value + 1) % Frames] = key;
                return true;
            }
        }

        return false;
    }
}
