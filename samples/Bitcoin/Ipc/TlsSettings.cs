using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Bitcoin.Hosting;
using Multiprocess;

namespace Bitcoin.Ipc;

/// <summary>
/// The TLS options, which tcp: addresses need: this side's certificate, and the certificates that it trusts.
/// </summary>
internal static class TlsSettings
{
    internal static Option[] Options { get; } =
    [
        new(
            "ipccert",
            "file",
            "Show this certificate (PEM) at tcp: addresses. Relative to the data directory, or absolute; so are the "
                + "next two."),
        new("ipckey", "file", "The certificate's private key (PEM). Default: it stands in the certificate's file."),
        new(
            "ipctrust",
            "file",
            "Trust whoever shows this certificate (PEM), or one that it has signed if it is an authority's; or a "
                + "SHA-256 fingerprint. May be given several times."),
    ];

    /// <summary>Reads the options; null if there is no certificate.</summary>
    /// <exception cref="HostException">A file is missing or invalid.</exception>
    internal static IpcTlsOptions? From(Settings settings)
    {
        if (settings.Last("ipccert") is not { Length: > 0 } certificate || certificate == "0")
        {
            return null;
        }

        try
        {
            string? key = settings.Last("ipckey") is { Length: > 0 } file ? Path.Combine(settings.Root, file) : null;
            List<string> pinned = [];
            List<X509Certificate2> authorities = [];
            foreach (string trusted in settings.All("ipctrust"))
            {
                Add(trusted, settings, pinned, authorities);
            }

            return new IpcTlsOptions
            {
                Certificate = X509Certificate2.CreateFromPemFile(Path.Combine(settings.Root, certificate), key),
                PinnedFingerprints = pinned,
                TrustedAuthorities = authorities,
            };
        }
        catch (Exception exception) when (exception is IOException
            or UnauthorizedAccessException
            or CryptographicException
            or FormatException)
        {
            throw new HostException($"-ipccert, -ipckey or -ipctrust: {exception.Message}", exception);
        }
    }

    private static void Add(string trusted, Settings settings, List<string> pinned, List<X509Certificate2> authorities)
    {
        string path = Path.Combine(settings.Root, trusted);
        if (!File.Exists(path) && trusted.Count(char.IsAsciiHexDigit) == 2 * SHA256.HashSizeInBytes)
        {
            pinned.Add(trusted);
            return;
        }

        X509Certificate2 certificate = X509Certificate2.CreateFromPem(File.ReadAllText(path));
        if (certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(
            static constraints => constraints.CertificateAuthority))
        {
            authorities.Add(certificate);
        }
        else
        {
            pinned.Add(IpcTlsOptions.FingerprintOf(certificate));
        }
    }
}
