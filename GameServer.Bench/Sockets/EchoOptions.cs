using System.Globalization;

namespace GameServer.Bench.Sockets;

/// <summary>Sizes of an echo run.</summary>
internal sealed class EchoOptions
{
    public EchoOptions(string[] args)
    {
        Realtime = args.Contains("--realtime");
        for (int i = 0; i + 1 < args.Length; i++)
        {
            if (!int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int value))
            {
                continue;
            }

            switch (args[i])
            {
                case "--clients":
                    Clients = value;
                    break;
                case "--bytes":
                    MessageBytes = value;
                    break;
                case "--bursts":
                    Bursts = value;
                    break;
                case "--rate":
                    RateHz = value;
                    break;
                case "--seconds":
                    Seconds = value;
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Runs the measuring threads before all ordinary ones, so that a busy machine disturbs them less.</summary>
    public bool Realtime { get; }

    public int Clients { get; } = 100;

    public int MessageBytes { get; } = 60;

    public int Bursts { get; } = 3_000;

    /// <summary>Messages per second and client.</summary>
    public int RateHz { get; } = 60;

    /// <summary>Length of the round-trip run.</summary>
    public int Seconds { get; } = 10;
}
