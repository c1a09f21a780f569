using System.Security.Cryptography;
using System.Text;
using GameServer.Configuration;

namespace GameServer.Operations.Http;

/// <summary>The bearer token for requests that change something; compared by digest in constant time, never printed.</summary>
/// <remarks>Any thread.</remarks>
internal sealed class AdminToken
{
    private byte[]? _digest;

    public AdminToken(ServeOptions options) => Load(options);

    public bool IsSet => Volatile.Read(ref _digest) is not null;

    /// <summary>Takes the token of the options over.</summary>
    public void Load(ServeOptions options)
    {
        string? token = options.AdminTokenFile is { } file ? File.ReadAllText(file).Trim() : options.AdminToken;
        Volatile.Write(ref _digest, string.IsNullOrEmpty(token) ? null : SHA256.HashData(Encoding.UTF8.GetBytes(token)));
    }

    /// <summary>True when the Authorization header carries the token.</summary>
    public bool IsIn(string? authorization)
    {
        const string scheme = "Bearer ";
        return Volatile.Read(ref _digest) is { } digest
            && authorization?.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) == true
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(authorization[scheme.Length..].Trim())), digest);
    }
}
