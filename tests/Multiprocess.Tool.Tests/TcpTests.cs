using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Example.Shop;

namespace Multiprocess.Tool.Tests;

/// <summary>Addresses with <c>tcp:</c>: certificates, fingerprints, and who is answered there.</summary>
[CancelAfter(120_000)]
public sealed class TcpTests
{
    private string _folder = null!;
    private X509Certificate2 _serverCertificate = null!;
    private X509Certificate2 _clientCertificate = null!;

    private string ClientFile => Path.Combine(_folder, "client.pfx");

    private string Pin => _serverCertificate.GetCertHashString(HashAlgorithmName.SHA256);

    [OneTimeSetUp]
    public void MakeCertificates()
    {
        _folder = Directory.CreateTempSubdirectory("mpt").FullName;
        _serverCertificate = Certificate("server");
        _clientCertificate = Certificate("client");
        File.WriteAllBytes(ClientFile, _clientCertificate.Export(X509ContentType.Pkcs12));
    }

    [OneTimeTearDown]
    public void RemoveCertificates()
    {
        _serverCertificate.Dispose();
        _clientCertificate.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public void A_server_that_answers_all_peers_is_described_called_and_monitored()
    {
        using IpcServer server = Listen(IpcIntrospection.AllPeers);
        string address = server.Address.ToString();

        Assert.That(
            ToolRun.Done("describe", address, "--certificate", ClientFile, "--pin", Pin).Output,
            Does.Contain("interface IShop"));
        Assert.That(
            ToolRun.Done("call", address, "Add", "2", "3", "--certificate", ClientFile, "--pin", Pin).Output,
            Is.EqualTo("5\n"));
        Assert.That(
            ToolRun.Done(
                "monitor",
                address,
                "--count",
                "1",
                "--interval",
                "0.2",
                "--json",
                "--certificate",
                ClientFile,
                "--pin",
                Pin).Value["process"]!.GetValue<int>(),
            Is.EqualTo(Environment.ProcessId));
    }

    [Test]
    public void A_server_answers_nobody_over_tcp_unless_it_says_so()
    {
        using IpcServer server = Listen(IpcIntrospection.SameUser);

        ToolRun run = ToolRun.Of("describe", server.Address.ToString(), "--certificate", ClientFile, "--pin", Pin);

        Assert.That(run.Code, Is.EqualTo(ExitCode.NotThere));
        Assert.That(run.Errors, Does.StartWith(server.Address.ToString()));
    }

    [Test]
    public void A_server_with_another_certificate_is_not_spoken_to()
    {
        using IpcServer server = Listen(IpcIntrospection.AllPeers);
        string other = _clientCertificate.GetCertHashString(HashAlgorithmName.SHA256);

        ToolRun run = ToolRun.Of(
            "call", server.Address.ToString(), "Add", "2", "3", "--certificate", ClientFile, "--pin", other);

        Assert.That(run.Code, Is.EqualTo(ExitCode.NotThere));
        Assert.That(run.Output, Is.Empty);
    }

    [TestCase("--certificate ", "--certificate", "nothing.pfx", "--pin", "00")]
    [TestCase("A tcp: address: Expected --certificate and --pin", "--pin", "00")]
    [TestCase("A tcp: address: Expected --certificate and --pin", "--certificate", "nothing.pfx")]
    public void A_certificate_that_cannot_be_used_is_an_error_of_the_command_line(
        string expected, params string[] options)
    {
        ToolRun run = ToolRun.Of(["call", "tcp:127.0.0.1:1", "Add", "2", "3", .. options]);

        Assert.That(run.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.Errors, Does.StartWith(expected));
    }

    [Test]
    public void A_fingerprint_that_is_none_is_an_error_of_the_command_line()
    {
        ToolRun run = ToolRun.Of(
            "call", "tcp:127.0.0.1:1", "Add", "2", "3", "--certificate", ClientFile, "--pin", "no fingerprint");

        Assert.That(run.Code, Is.EqualTo(ExitCode.Usage), run.Errors);
        Assert.That(run.Errors, Does.StartWith("--pin"));
    }

    [Test]
    public void Nobody_at_the_address_is_an_error()
    {
        string address;
        using (IpcServer server = Listen(IpcIntrospection.AllPeers))
        {
            address = server.Address.ToString();
        }

        Assert.That(
            ToolRun.Of("call", address, "Add", "2", "3", "--certificate", ClientFile, "--pin", Pin).Code,
            Is.EqualTo(ExitCode.NotThere));
    }

    private IpcServer Listen(IpcIntrospection introspection) => IpcServer.Listen<IShop>(
        "tcp:127.0.0.1:0",
        _ => new Shop(),
        new IpcServerOptions
        {
            Introspection = introspection,
            Tls = new IpcTlsOptions
            {
                Certificate = _serverCertificate,
                PinnedFingerprints = [_clientCertificate.GetCertHashString(HashAlgorithmName.SHA256)],
            },
        });

    private static X509Certificate2 Certificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 made = request.CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(
            made.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}
