using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GameServer.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace GameServer.Operations.Http;

/// <summary>The certificates of HTTPS and mutual TLS, read from PEM files and read again on reload.</summary>
internal sealed class TlsFiles
{
    private volatile SslStreamCertificateContext? _server;
    private volatile X509Certificate2Collection? _authorities;

    public TlsFiles(ServeOptions options) => Load(options);

    public bool IsOn => _server is not null;

    /// <summary>Reads the files; when one is wrong, nothing changes.</summary>
    /// <exception cref="StartFailedException">A file is not what it should be.</exception>
    public void Load(ServeOptions options)
    {
        if (options.TlsCert is null)
        {
            return;
        }

        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(options.TlsCert);
            X509Certificate2 leaf = X509Certificate2.CreateFromPemFile(options.TlsCert, options.TlsKey ?? options.TlsCert);
            X509Certificate2Collection? authorities = options.TlsClientCa is null ? null : [];
            authorities?.ImportFromPemFile(options.TlsClientCa!);
            _server = SslStreamCertificateContext.Create(leaf, [.. chain.Skip(1)], offline: true);
            _authorities = authorities;
        }
        catch (Exception e) when (e is CryptographicException or IOException)
        {
            throw new StartFailedException($"--tls-cert \"{options.TlsCert}\", --tls-key, --tls-client-ca: {e.Message}; allowed: PEM files of a certificate, its key, and authorities", ExitCode.BadArguments, e);
        }
    }

    /// <summary>The handshake for each new connection, with the files as last read.</summary>
    public TlsHandshakeCallbackOptions Handshake() => new()
    {
        HandshakeTimeout = TimeSpan.FromSeconds(5),
        OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _server,
            ClientCertificateRequired = _authorities is not null,
            RemoteCertificateValidationCallback = _authorities is { } authorities ? (_, certificate, _, _) => IsIssuedBy(authorities, certificate) : null,
        }),
    };

    private static bool IsIssuedBy(X509Certificate2Collection authorities, X509Certificate? certificate)
    {
        if (certificate is null)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2")); // client authentication (RFC 5280 §4.2.1.12)
        return chain.Build(new X509Certificate2(certificate));
    }
}
