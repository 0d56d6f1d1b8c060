using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Multiprocess;

/// <summary>
/// How the two sides of a <c>tcp:</c> address authenticate each other: TLS 1.2 or 1.3, with a certificate on both
/// sides. TLS cannot be turned off.
/// </summary>
/// <remarks>
/// A peer is trusted by <see cref="PinnedFingerprints"/> or by <see cref="TrustedAuthorities"/>; when both are set, it
/// must satisfy both. The system's trusted certificates are not used. Certificates outside their validity period are
/// refused. Revocation is not checked: to refuse a certificate, remove its pin or its authority.
/// </remarks>
/// <example><code>
/// var tls = new IpcTlsOptions
/// {
///     Certificate = X509CertificateLoader.LoadPkcs12FromFile("server.pfx", password),
///     PinnedFingerprints = [clientFingerprint],
/// };
/// using var server = IpcServer.Listen&lt;ICalculator&gt;(
///     "tcp:0.0.0.0:7777", _ => new Calculator(), new IpcServerOptions { Tls = tls });
/// </code></example>
public sealed record IpcTlsOptions
{
    private const int FingerprintDigits = 2 * SHA256.HashSizeInBytes;

    /// <summary>
    /// The certificate that this side presents to its peers, with its private key. The creator of the certificate
    /// disposes it, once it is not used for new connections any more.
    /// </summary>
    /// <exception cref="ArgumentException">The certificate has no private key.</exception>
    public required X509Certificate2 Certificate
    {
        get;
        init => field = value is { HasPrivateKey: true }
            ? value
            : throw new ArgumentException("The certificate of this side needs its private key.", nameof(value));
    }

    /// <summary>
    /// The chain from <see cref="Certificate"/> to an authority that peers trust, without these two. Default none.
    /// </summary>
    public IReadOnlyList<X509Certificate2> IntermediateCertificates { get; init; } = [];

    /// <summary>
    /// The SHA-256 fingerprints of the certificates that peers may present, in hexadecimal; case, colons and spaces are
    /// ignored. Default none: any certificate that a trusted authority has signed.
    /// </summary>
    /// <exception cref="FormatException">A fingerprint is not 64 hexadecimal digits.</exception>
    public IReadOnlyList<string> PinnedFingerprints
    {
        get;
        init => field = [.. value.Select(Canonical)];
    } = [];

    /// <summary>
    /// The root certificates that sign the certificates of peers. A server's certificate must then also contain the
    /// name that the client connects to. Default none.
    /// </summary>
    public IReadOnlyList<X509Certificate2> TrustedAuthorities { get; init; } = [];

    /// <summary>
    /// The name that a server's certificate must contain, when authorities are set. Default null: the host of the
    /// address.
    /// </summary>
    public string? ServerName { get; init; }

    /// <summary>
    /// Returns the fingerprint of a certificate, in the form of <see cref="PinnedFingerprints"/>: 64 hexadecimal
    /// digits.
    /// </summary>
    public static string FingerprintOf(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return certificate.GetCertHashString(HashAlgorithmName.SHA256);
    }

    private static string Canonical(string fingerprint)
    {
        string digits = fingerprint
            .Replace(":", string.Empty, StringComparison.Ordinal)
            .Replace(" ", string.Empty, StringComparison.Ordinal)
            .ToUpperInvariant();
        return digits.Length == FingerprintDigits && digits.All(char.IsAsciiHexDigit)
            ? digits
            : throw new FormatException(
                $"SHA-256 fingerprint: Expected {FingerprintDigits} hexadecimal digits, got "
                    + $"'{IpcText.Escape(fingerprint)}'.");
    }
}
