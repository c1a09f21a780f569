using System.Numerics;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Support;

/// <summary>The game of tag in the lab: chance in steps, presses that count, an event that everybody is told.</summary>
internal sealed class TagLab : LabGame<TagInput>
{
    public override string Name => "tag";

    public override int Announced => TagGame.Tags.Index;

    public override Game<TagInput> CreateGame() => new TagGame();

    public override LabPlayer<TagInput> CreatePlayer(int index, ulong seed) => new Player(index, seed);

    private sealed class Player(int index, ulong seed) : LabPlayer<TagInput>
    {
        private DeterministicRandom _random = DeterministicRandom.From(seed, (ulong)index + 300);
        private Vector3 _direction;
        private int _untilTurn;
        private int _samples;

        public override void Sample(LabClient<TagInput> me, ref TagInput input)
        {
            input = default;
            if (me.IsIdle || !me.Client.TryGetOwned(TagGame.Runners, out Runner runner))
            {
                return;
            }

            if (--_untilTurn <= 0)
            {
                _untilTurn = 10 + _random.NextInt(80);
                _direction = DeterministicMath.Normalize(new Vector3(_random.NextFloat(-1, 1), 0, _random.NextFloat(-1, 1)));
            }

            Vector3 direction = runner.IsIt != 0 ? Chase(me, in runner) : _direction;
            (input.MoveX, input.MoveZ) = (direction.X, direction.Z);
            input.Buttons.Set(0, !me.HoldsFire && ++_samples % 10 < 5);
        }

        public override int TakeEvents(LabClient<TagInput> me)
        {
            int tags = 0;
            while (me.Client.TryTakeEvent(TagGame.Tags, out _))
            {
                tags++;
            }

            return tags;
        }

        private static Vector3 Chase(LabClient<TagInput> client, in Runner me)
        {
            ViewEntities<Runner> runners = client.Client.View.Of(TagGame.Runners);
            Vector3 nearest = me.Position;
            float least = float.PositiveInfinity;
            for (int i = 0; i < runners.Count; i++)
            {
                float distance = DeterministicMath.Distance(runners[i].Position, me.Position);
                if (!runners.IsOwn(i) && distance < least)
                {
                    (nearest, least) = (runners[i].Position, distance);
                }
            }

            return least < 0.01f ? Vector3.UnitX : DeterministicMath.Normalize(nearest - me.Position);
        }
    }
}
