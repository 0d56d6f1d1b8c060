using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Multiprocess;

/// <summary>How the two sides of a <c>tcp:</c> address know each other: TLS 1.2 or 1.3, with a certificate on both sides. It cannot be turned off.</summary>
/// <remarks>
/// A peer is trusted by <see cref="PinnedFingerprints"/>, by <see cref="TrustedAuthorities"/>, or, where both are given,
/// by both; the certificates that the system trusts play no part. Certificates outside of their dates are refused.
/// Revocation is not looked up: leave a pin or an authority out to turn its holders away.
/// </remarks>
/// <example><code>
/// var tls = new IpcTlsOptions
/// {
///     Certificate = X509CertificateLoader.LoadPkcs12FromFile("server.pfx", password),
///     PinnedFingerprints = [clientFingerprint],
/// };
/// using var server = IpcServer.Listen&lt;ICalculator&gt;("tcp:0.0.0.0:7777", _ => new Calculator(), new IpcServerOptions { Tls = tls });
/// </code></example>
public sealed record IpcTlsOptions
{
    private const int FingerprintDigits = 2 * SHA256.HashSizeInBytes;

    /// <summary>What this side shows to its peers, with its private key. Whoever made it disposes it, once no connection is made with it any more.</summary>
    /// <exception cref="ArgumentException">It has no private key.</exception>
    public required X509Certificate2 Certificate
    {
        get;
        init => field = value is { HasPrivateKey: true } ? value : throw new ArgumentException("The certificate of this side needs its private key.", nameof(value));
    }

    /// <summary>What leads from <see cref="Certificate"/> to an authority that peers trust, without either. Default none.</summary>
    public IReadOnlyList<X509Certificate2> IntermediateCertificates { get; init; } = [];

    /// <summary>
    /// The SHA-256 fingerprints of the certificates that peers may show, in hexadecimal; case, colons and spaces do not
    /// matter. Default none: any that a trusted authority has signed.
    /// </summary>
    /// <exception cref="FormatException">One is not 64 hexadecimal digits.</exception>
    public IReadOnlyList<string> PinnedFingerprints
    {
        get;
        init => field = [.. value.Select(Canonical)];
    } = [];

    /// <summary>The roots that sign the certificates of peers. A server must then also have the name that is connected to. Default none.</summary>
    public IReadOnlyList<X509Certificate2> TrustedAuthorities { get; init; } = [];

    /// <summary>The name that a server's certificate must have, where authorities are given. Default null: the host of the address.</summary>
    public string? ServerName { get; init; }

    /// <summary>The fingerprint of a certificate, as <see cref="PinnedFingerprints"/> takes it: 64 hexadecimal digits.</summary>
    public static string FingerprintOf(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return certificate.GetCertHashString(HashAlgorithmName.SHA256);
    }

    private static string Canonical(string fingerprint)
    {
        string digits = fingerprint.Replace(":", string.Empty, StringComparison.Ordinal).Replace(" ", string.Empty, StringComparison.Ordinal).ToUpperInvariant();
        return digits.Length == FingerprintDigits && digits.All(char.IsAsciiHexDigit)
            ? digits
            : throw new FormatException($"'{IpcText.Escape(fingerprint)}' is not a SHA-256 fingerprint; expected {FingerprintDigits} hexadecimal digits.");
    }
}
