using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GameServer.Tests.Operations;

/// <summary>A certificate authority for one test, with its files in a folder of the test.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly string _folder;
    private readonly X509Certificate2 _root;

    public TestAuthority(string folder)
    {
        _folder = folder;
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority " + folder, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        CertificateFile = Path.Combine(folder, "authority.pem");
        File.WriteAllText(CertificateFile, _root.ExportCertificatePem());
    }

    public string CertificateFile { get; }

    /// <summary>Writes NAME.pem and NAME.key; returns the former.</summary>
    public string Issue(string name)
    {
        using X509Certificate2 certificate = IssueCertificate(name);
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(Path.Combine(_folder, name + ".key"), key.ExportPkcs8PrivateKeyPem());
        string file = Path.Combine(_folder, name + ".pem");
        File.WriteAllText(file, certificate.ExportCertificatePem());
        return file;
    }

    /// <summary>An authority of this one's, and a certificate of its: neither is in a file.</summary>
    public (X509Certificate2 Certificate, X509Certificate2 Intermediate) IssueByIntermediate(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=intermediate", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        using X509Certificate2 issued = request.Create(_root, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddHours(20), RandomNumberGenerator.GetBytes(8));
        using X509Certificate2 signing = issued.CopyWithPrivateKey(key);
        return (IssueCertificate(name, signing), X509CertificateLoader.LoadCertificate(issued.RawData));
    }

    public X509Certificate2 IssueCertificate(string name) => IssueCertificate(name, _root);

    private static X509Certificate2 IssueCertificate(string name, X509Certificate2 issuer)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.Create(issuer, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddHours(12), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>A client that trusts this authority alone and shows <paramref name="certificate"/>.</summary>
    public HttpClient Client(string address, X509Certificate2? certificate, params X509Certificate2[] chain)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, server, _, _) =>
        {
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.Add(_root);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            return chain.Build(new X509Certificate2(server!));
        };
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificateContext = System.Net.Security.SslStreamCertificateContext.Create(certificate, [.. chain], offline: true);
        }

        return new HttpClient(handler) { BaseAddress = new Uri(address) };
    }

    public void Dispose() => _root.Dispose();
}
