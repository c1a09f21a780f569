using GameServer.Netcode.Game;

namespace GameServer.Netcode.Server;

/// <summary>Finds out where the schema of a client that is refused differs, so that both sides can say it.</summary>
/// <remarks>
/// The client is sent a hash of each declaration and answers with the first of its own that differs; it waits without a seat, for as long as a
/// join may take. One question and one answer per connection, each of bounded size. Owner: simulation thread. Allocates: for the refused.
/// </remarks>
internal sealed class SchemaInquiry(Declarations own, WaitingPeers waiting, Outbox outbox, int waitingMax)
{
    private readonly byte[] _question = SchemaDifference.WriteQuestion(own);

    /// <summary>Asks a client; false when it cannot be asked and has to be refused at once.</summary>
    public bool TryAsk(in WaitingPeer peer)
    {
        if (peer.IsAsked)
        {
            return true; // it repeats its join until it is answered
        }

        bool isWaiting = waiting.TryFind(peer.Header, out _) || (waiting.Count < waitingMax && waiting.TryAdd(in peer, out _));
        if (!isWaiting || !outbox.TrySend(peer.Header, _question))
        {
            return false;
        }

        waiting.NoteAsked(peer.Header);
        return true;
    }

    /// <summary>The sentence about a client's answer.</summary>
    public string Answer(ReadOnlySpan<byte> message) => SchemaDifference.Describe(own, message);
}
