using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Multiprocess.Transports.Tls;

/// <summary>Decides whether one side of a TLS connection trusts a certificate, and says why not.</summary>
internal sealed class TlsTrust
{
    private const string ServerPurpose = "1.3.6.1.5.5.7.3.1";
    private const string ClientPurpose = "1.3.6.1.5.5.7.3.2";

    private readonly IpcTlsOptions _options;
    private readonly TimeProvider _time;

    public TlsTrust(IpcTlsOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        Own = SslStreamCertificateContext.Create(
            options.Certificate, [.. options.IntermediateCertificates], offline: true);
    }

    /// <summary>The certificate that this side presents.</summary>
    public SslStreamCertificateContext Own { get; }

    /// <summary>The options for the handshake of the connecting side.</summary>
    /// <param name="host">The host to connect to.</param>
    /// <param name="refused">Called with the reason when the server is not trusted.</param>
    public SslClientAuthenticationOptions ForClient(string host, Action<string> refused) => new()
    {
        TargetHost = _options.ServerName ?? host,
        ClientCertificateContext = Own,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        EncryptionPolicy = EncryptionPolicy.RequireEncryption,
        AllowTlsResume = false,
        CertificateChainPolicy = Policy(ServerPurpose),
        RemoteCertificateValidationCallback = (_, certificate, chain, errors)
            => Trusts(certificate, chain, errors, refused),
    };

    /// <summary>The options for the handshake of the accepting side.</summary>
    /// <param name="refused">
    /// Called with the reason when the client is not trusted. The handshake continues: otherwise the base library would
    /// only hang up, and the client would not learn the reason.
    /// </param>
    public SslServerAuthenticationOptions ForServer(Action<string> refused) => new()
    {
        ServerCertificateContext = Own,
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        EncryptionPolicy = EncryptionPolicy.RequireEncryption,
        AllowTlsResume = false,
        CertificateChainPolicy = Policy(ClientPurpose),
        RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            _ = Trusts(certificate, chain, errors, refused);
            return true;
        },
    };

    // Nothing is downloaded from the network, and the system's authorities are not used.
    private X509ChainPolicy Policy(string purpose)
    {
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTime = _time.GetUtcNow().LocalDateTime,
        };
        policy.CustomTrustStore.AddRange(_options.TrustedAuthorities.ToArray());
        _ = policy.ApplicationPolicy.Add(new Oid(purpose));
        return policy;
    }

    private bool Trusts(X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors, Action<string> refused)
    {
        string? reason = shown is X509Certificate2 certificate
            ? Doubt(certificate, chain, errors)
            : "it showed no certificate";
        if (reason is not null)
        {
            refused(reason);
        }

        return reason is null;
    }

    private string? Doubt(X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        DateTime now = _time.GetUtcNow().UtcDateTime;
        if (now < certificate.NotBefore.ToUniversalTime() || now > certificate.NotAfter.ToUniversalTime())
        {
            return $"its certificate '{certificate.Subject}' is good from {certificate.NotBefore.ToUniversalTime():u} "
                + $"to {certificate.NotAfter.ToUniversalTime():u} only";
        }

        string fingerprint = IpcTlsOptions.FingerprintOf(certificate);
        if (_options.PinnedFingerprints.Count > 0 && !_options.PinnedFingerprints.Contains(fingerprint))
        {
            return $"its certificate '{certificate.Subject}' with fingerprint {fingerprint} is none of those that are "
                + "pinned";
        }

        if (_options.TrustedAuthorities.Count == 0)
        {
            return null;
        }

        if ((errors & SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            string why = string.Join(", ", chain?.ChainStatus.Select(status => status.StatusInformation.Trim()) ?? []);
            return $"its certificate '{certificate.Subject}' does not come from a trusted authority ({why})";
        }

        return (errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0
            ? $"its certificate '{certificate.Subject}' is for another name"
            : null;
    }
}
