using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GameServer.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace GameServer.Operations.Http;

/// <summary>The certificates of HTTPS and mutual TLS, read from PEM files and read again on reload.</summary>
internal sealed class TlsFiles
{
    /// <summary>What the files have to be, for messages.</summary>
    public const string Allowed = "PEM files of a certificate, its key, and authorities";

    private volatile SslStreamCertificateContext? _server;
    private volatile X509Certificate2Collection? _authorities;

    public TlsFiles(ServeOptions options) => Load(options);

    public bool IsOn => _server is not null;

    /// <summary>What is wrong with the files, or null; a missing key is in the certificate's file, a missing authority asks no client for anything.</summary>
    public static string? Problem(string certificate, string? key, string? authorities)
    {
        try
        {
            Read(certificate, key, authorities);
            return null;
        }
        catch (Exception e) when (IsOfTheFiles(e))
        {
            return e.Message;
        }
    }

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
            (_server, _authorities) = Read(options.TlsCert, options.TlsKey, options.TlsClientCa);
        }
        catch (Exception e) when (IsOfTheFiles(e))
        {
            throw new StartFailedException($"--tls-cert \"{options.TlsCert}\", --tls-key, --tls-client-ca: {e.Message}; allowed: {Allowed}", ExitCode.BadArguments, e);
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
            RemoteCertificateValidationCallback = _authorities is { } authorities ? (_, certificate, shown, _) => IsIssuedBy(authorities, certificate, shown) : null,
        }),
    };

    private static (SslStreamCertificateContext Server, X509Certificate2Collection? Authorities) Read(string certificate, string? key, string? authorities)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificate);
        X509Certificate2 leaf = X509Certificate2.CreateFromPemFile(certificate, key ?? certificate);
        X509Certificate2Collection? trusted = authorities is null ? null : [];
        trusted?.ImportFromPemFile(authorities!);
        return trusted is { Count: 0 }
            ? throw new CryptographicException($"{authorities} holds no certificate")
            : (SslStreamCertificateContext.Create(leaf, [.. chain.Skip(1)], offline: true), trusted);
    }

    // A key that does not fit the certificate is an argument's fault to the framework.
    private static bool IsOfTheFiles(Exception e) => e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException;

    /// <param name="authorities">Who is trusted.</param>
    /// <param name="certificate">The client's own.</param>
    /// <param name="shown">What the handshake brought beside it: the authorities between the two.</param>
    private static bool IsIssuedBy(X509Certificate2Collection authorities, X509Certificate? certificate, X509Chain? shown)
    {
        if (certificate is null)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ExtraStore.AddRange(shown?.ChainPolicy.ExtraStore ?? []);
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2")); // client authentication (RFC 5280 §4.2.1.12)
        return chain.Build(new X509Certificate2(certificate));
    }
}
