using System.Net;
using System.Numerics;
using GameServer.Arena;
using GameServer.Netcode.Client;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Readme;

/// <summary>The README's client on the library's own sockets, to the letter.</summary>
internal static class ReadmeClient
{
    public static GameClient<ArenaInput> Run(IPEndPoint server, Func<long> clock, long deadline, Action<Vector3> draw)
    {
        // README: client
        using IDatagramSocket socket = DatagramSocket.Open(new SocketOptions());
        var client = new GameClient<ArenaInput>(new ArenaGame(), socket);
        client.Join(PeerAddress.From(server), "ada", clock());
        while (client.State != ClientState.Ended && clock() < deadline)
        {
            client.Update(clock(), (ref ArenaInput input) => { input.MoveX = 1; input.Aim = Vector3.UnitX; });
            foreach (ref readonly Soldier soldier in client.View.Of(ArenaGame.Soldiers))
            {
                draw(soldier.Position);
            }

            socket.Wait(timeoutMicros: 4_000);
        }

        client.Leave(clock());
        // README: end
        return client;
    }
}
