namespace GameServer.Tests.Operations;

/// <summary>What the tests beside Agones' own sidecar need: the game server that it shows, and what it says.</summary>
internal static class RealSidecar
{
    public static string GameServer(string state, string annotations) => $$$"""
        apiVersion: agones.dev/v1
        kind: GameServer
        metadata: {name: local, annotations: {annotation: "true"{{{annotations}}}}}
        spec:
          health: {periodSeconds: 1, failureThreshold: 3, initialDelaySeconds: 5}
        status:
          state: {{{state}}}
          address: 127.0.0.1
          ports: [{name: game, port: 7777}]
          counters: {rooms: {count: 1, capacity: 4}}
          lists: {players: {capacity: 64, values: []}}

        """;

    public static async Task EventuallySays(HttpClient sidecar, string path, Func<string, bool> expected)
    {
        string said = "";
        for (int i = 0; i < 100; i++)
        {
            said = await sidecar.GetStringAsync(path);
            if (expected(said))
            {
                return;
            }

            await Task.Delay(50);
        }

        Assert.Fail($"{path} says {said}");
    }
}
