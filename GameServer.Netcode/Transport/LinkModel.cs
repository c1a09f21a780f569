using System.Globalization;

namespace GameServer.Netcode.Transport;

/// <summary>What one direction of a link does to datagrams. The default is a perfect link.</summary>
public struct LinkModel
{
    /// <summary>The names that <see cref="TryParse"/> knows, with units and ranges.</summary>
    public const string Syntax =
        "delay=ms (0-10000), jitter=ms (0-1000), loss=% (0-100), burst=mean packets (1-1000), dup=% (0-100), "
        + "flip=% (0-100), truncate=% (0-100), rate=kB/s (0: unlimited), queue=kB (1-100000), mtu=bytes (0: unlimited)";

    /// <summary>Delay in microseconds, one way.</summary>
    public long DelayMicros;

    /// <summary>Uniform deviation of the delay in microseconds, to either side; datagrams overtake each other.</summary>
    public long JitterMicros;

    /// <summary>Datagrams lost, in percent.</summary>
    public float LossPercent;

    /// <summary>Mean length of a loss burst in datagrams (Gilbert–Elliott); up to 1: each loss is independent.</summary>
    public float BurstPackets;

    /// <summary>Datagrams that arrive twice, in percent.</summary>
    public float DuplicatePercent;

    /// <summary>Datagrams of which one to three bits are flipped, in percent.</summary>
    public float FlipPercent;

    /// <summary>Datagrams that are cut, in percent.</summary>
    public float TruncatePercent;

    /// <summary>Bytes per second that pass; 0: unlimited.</summary>
    public long RateBytesPerSecond;

    /// <summary>Bytes that wait for their turn at a limited rate; what comes beyond is lost. 0: 64 kB.</summary>
    public int QueueBytes;

    /// <summary>Largest datagram that passes, in bytes of UDP payload; larger ones vanish. 0: all pass.</summary>
    public int MtuBytes;

    /// <summary>True when datagrams pass as they are: at once, each, once.</summary>
    public readonly bool IsPerfect =>
        DelayMicros == 0 && JitterMicros == 0 && LossPercent == 0 && DuplicatePercent == 0 && FlipPercent == 0 && TruncatePercent == 0 && RateBytesPerSecond == 0 && MtuBytes == 0;

    /// <summary>Reads <c>delay=60,jitter=15,loss=3,burst=4,dup=1</c>; empty text is a perfect link.</summary>
    public static bool TryParse(string text, out LinkModel model, out string error)
    {
        model = default;
        error = "";
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            string name = (equals < 0 ? part : part[..equals]).Trim();
            string number = equals < 0 ? "" : part[(equals + 1)..].Trim();
            if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value))
            {
                error = $"link: '{part.Trim()}' is not name=number; allowed: {Syntax}";
                return false;
            }

            if (!model.TrySet(name, value, out double max))
            {
                error = max < 0 ? $"link: unknown name '{name}'; allowed: {Syntax}"
                    : FormattableString.Invariant($"link: {name}={number} is out of range, at most {max}; allowed: {Syntax}");
                return false;
            }
        }

        return true;
    }

    private bool TrySet(string name, double value, out double max)
    {
        max = name switch
        {
            "delay" => 10_000,
            "jitter" or "burst" => 1_000,
            "loss" or "dup" or "flip" or "truncate" => 100,
            "rate" => 10_000_000,
            "queue" => 100_000,
            "mtu" => 65_535,
            _ => -1,
        };
        if (!(value >= 0 && value <= max) || (value < 1 && name is ("burst" or "queue")))
        {
            return false;
        }

        switch (name)
        {
            case "delay":
                DelayMicros = (long)(value * 1000);
                break;
            case "jitter":
                JitterMicros = (long)(value * 1000);
                break;
            case "loss":
                LossPercent = (float)value;
                break;
            case "burst":
                BurstPackets = (float)value;
                break;
            case "dup":
                DuplicatePercent = (float)value;
                break;
            case "flip":
                FlipPercent = (float)value;
                break;
            case "truncate":
                TruncatePercent = (float)value;
                break;
            case "rate":
                RateBytesPerSecond = (long)(value * 1000);
                break;
            case "mtu":
                MtuBytes = (int)value;
                break;
            default:
                QueueBytes = (int)(value * 1000);
                break;
        }

        return true;
    }
}
