using System.Security.Cryptography.X509Certificates;

namespace Multiprocess.AspNetCore;

/// <summary>The identity of a peer, as Kestrel knows it.</summary>
internal static class KestrelPeer
{
    /// <summary>The peer, with the certificate that Kestrel has accepted.</summary>
    public static IpcPeer With(IpcPeer peer, X509Certificate2 certificate)
        => peer with
        {
            CertificateSubject = certificate.Subject,
            CertificateFingerprint = IpcTlsOptions.FingerprintOf(certificate),
        };
}
