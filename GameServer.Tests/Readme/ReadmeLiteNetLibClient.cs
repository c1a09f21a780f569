using GameServer.Arena;
using GameServer.Netcode.Client;
using GameServer.Netcode.Messages;
using LiteNetLib;

namespace GameServer.Tests.Readme;

/// <summary>The README's client on LiteNetLib, to the letter, on the package itself.</summary>
internal static class ReadmeLiteNetLibClient
{
    public static GameClient<ArenaInput> Run(string host, int port, Func<long> clock, long deadline)
    {
        // README: litenetlib
        NetPeer? server = null;
        var client = new GameClient<ArenaInput>(new ArenaGame(), (payload, isReliable) =>
            server?.Send(payload.ToArray(), isReliable ? DeliveryMethod.ReliableOrdered : DeliveryMethod.Unreliable));

        var listener = new EventBasedNetListener();
        listener.PeerConnectedEvent += peer =>
        {
            server = peer;
            client.Connected("grace", clock());
        };
        listener.NetworkReceiveEvent += (peer, reader, channel, method) =>
        {
            client.Receive(reader.GetRemainingBytes(), method == DeliveryMethod.ReliableOrdered, clock());
            reader.Recycle();
        };
        listener.PeerDisconnectedEvent += (peer, info) => client.Disconnected(
            info.AdditionalData.GetRemainingBytesSpan(), info.Reason == DisconnectReason.Timeout ? LeaveReason.Timeout : LeaveReason.Unexplained);

        var net = new NetManager(listener);
        net.Start();
        net.Connect(host, port, key: "");
        while (client.State != ClientState.Ended && clock() < deadline)
        {
            net.PollEvents();
            client.Update(clock(), (ref ArenaInput input) => input.MoveZ = 1);
            Thread.Sleep(4);
        }

        net.Stop();
        // README: end
        return client;
    }
}
