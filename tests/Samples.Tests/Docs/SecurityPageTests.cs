using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Calc;
using Multiprocess;

namespace Samples.Tests.Docs;

/// <summary>Runs what docs/security.md shows.</summary>
public sealed class SecurityPageTests
{
    [Test]
    public void Server_with_narrow_limits_serves_who_may_come()
    {
        string before = Environment.CurrentDirectory;
        string folder = Directory.CreateTempSubdirectory("calc-").FullName;
        Environment.CurrentDirectory = folder;
        try
        {
            var options = new IpcServerOptions
            {
                Authorize = (peer, contract) => contract == typeof(ICalculator),
                MaxConnections = 100,
                ConnectTimeout = TimeSpan.FromSeconds(2),
                Limits = new IpcLimits { MaxFrameBytes = 1024 * 1024, MaxCallsInFlight = 1_000, MaxObjects = 10_000 },
            };
            using var server = IpcServer.Listen<ICalculator>("unix:calc.sock", connection => new Calculator(), options);

            using var connection = IpcConnection.Connect<ICalculator>("unix:calc.sock");
            Assert.That(connection.Root.Add(2, 3), Is.EqualTo(5));
        }
        finally
        {
            Environment.CurrentDirectory = before;
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void Sides_that_pin_each_other_talk_over_tcp()
    {
        using X509Certificate2 serverCertificate = MakeCertificate("server");
        using X509Certificate2 clientCertificate = MakeCertificate("client");
        string serverFingerprint = serverCertificate.GetCertHashString(HashAlgorithmName.SHA256);
        string clientFingerprint = clientCertificate.GetCertHashString(HashAlgorithmName.SHA256);

        var ofServer = new IpcServerOptions
        {
            Tls = new IpcTlsOptions { Certificate = serverCertificate, PinnedFingerprints = [clientFingerprint] },
        };
        var ofClient = new IpcConnectionOptions
        {
            Tls = new IpcTlsOptions { Certificate = clientCertificate, PinnedFingerprints = [serverFingerprint] },
        };
        using var server = IpcServer.Listen<ICalculator>("tcp:127.0.0.1:0", connection => new Calculator(), ofServer);
        using var connection = IpcConnection.Connect<ICalculator>(server.Address, ofClient);

        Assert.That(connection.Root.Add(2, 3), Is.EqualTo(5));
    }

    [Test]
    public void Text_of_a_peer_is_shown_on_one_line()
    {
        const string fromPeer = "done\n2026-01-01 all is well";

        string shown = IpcText.Escape(fromPeer);

        Assert.That(shown, Is.EqualTo("done\\u000a2026-01-01 all is well"));
    }

    [Test]
    public void Secret_outlives_the_characters_that_it_was_made_from()
    {
        char[] typed = ReadPassword();
        using var secret = new SecretString(typed);
        Array.Clear(typed);

        Assert.That(secret.Reveal().ToString(), Is.EqualTo("hunter2"));

        static char[] ReadPassword() => "hunter2".ToCharArray();
    }

    private static X509Certificate2 MakeCertificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 made = request.CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
