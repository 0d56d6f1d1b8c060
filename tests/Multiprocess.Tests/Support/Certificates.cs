using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Multiprocess.Tests.Support;

/// <summary>Certificates made for one test run.</summary>
internal static class Certificates
{
    private const string ServerPurpose = "1.3.6.1.5.5.7.3.1";
    private const string ClientPurpose = "1.3.6.1.5.5.7.3.2";

    public static X509Certificate2 Authority { get; } = MakeAuthority("CN=The authority");

    public static X509Certificate2 OtherAuthority { get; } = MakeAuthority("CN=Another authority");

    public static X509Certificate2 Server { get; } = Sign(Authority, "CN=server", ServerPurpose, "localhost");

    public static X509Certificate2 Client { get; } = Sign(Authority, "CN=client", ClientPurpose);

    public static X509Certificate2 SelfSigned { get; } = MakeSelfSigned("CN=self");

    /// <summary>Trusts this one certificate.</summary>
    public static IpcTlsOptions Pinned(X509Certificate2 own, X509Certificate2 peer)
        => new() { Certificate = own, PinnedFingerprints = [IpcTlsOptions.FingerprintOf(peer)] };

    /// <summary>Trusts what an authority has signed.</summary>
    public static IpcTlsOptions By(X509Certificate2 authority, X509Certificate2 own)
        => new() { Certificate = own, TrustedAuthorities = [authority] };

    public static X509Certificate2 Sign(X509Certificate2 authority, string subject, string purpose, string? host = null)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = Request(subject, key, purpose);
        if (host is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(host);
            request.CertificateExtensions.Add(names.Build());
        }

        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 signed = request.Create(
            authority, now.AddMinutes(-30), now.AddHours(6), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    private static X509Certificate2 MakeSelfSigned(string subject)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return Request(subject, key, ServerPurpose).CreateSelfSigned(now.AddHours(-1), now.AddHours(12));
    }

    private static X509Certificate2 MakeAuthority(string subject)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return request.CreateSelfSigned(now.AddHours(-1), now.AddHours(12));
    }

    private static CertificateRequest Request(string subject, ECDsa key, string purpose)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        return request;
    }
}
