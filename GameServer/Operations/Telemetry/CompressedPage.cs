using System.IO.Compression;

namespace GameServer.Operations.Telemetry;

/// <summary>A page as it is and, from the first time that it is asked for so, compressed.</summary>
/// <remarks>Any thread.</remarks>
internal sealed class CompressedPage(byte[] plain)
{
    private readonly Lazy<byte[]> _gzip = new(() =>
    {
        using var target = new MemoryStream(plain.Length / 4);
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest))
        {
            gzip.Write(plain);
        }

        return target.ToArray();
    });

    public static CompressedPage Empty { get; } = new([]);

    public byte[] Plain => plain;

    public byte[] Gzip => _gzip.Value;
}
