using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Bitcoin.Functional.Support;

/// <summary>
/// A test with processes. After each: all ended with the code they should, said nothing on their error output, and left
/// no process and no socket behind.
/// </summary>
[Platform("Linux")]
internal abstract class FunctionalTest
{
    private readonly List<Host> _hosts = [];
    private string _mark;

    protected string Root { get; private set; }

    protected string RegtestDirectory => Path.Combine(Root, "regtest");

    protected int Port { get; private set; }

    [SetUp]
    public void Prepare()
    {
        // A socket's path must be short.
        Root = Directory.CreateTempSubdirectory("btc-").FullName;
        _mark = Guid.NewGuid().ToString();
        Port = FreePort();
    }

    [TearDown]
    public void LookForWhatIsLeft()
    {
        try
        {
            // What a test that failed leaves is no news.
            if (TestContext.CurrentContext.Result.Outcome.Status != NUnit.Framework.Interfaces.TestStatus.Failed)
            {
                Check();
            }
        }
        finally
        {
            foreach (Host host in _hosts)
            {
                host.Dispose();
            }

            foreach (int left in ProcessMark.Living(_mark))
            {
                Host.Send("KILL", left);
            }

            _hosts.Clear();
            Directory.Delete(Root, recursive: true);
        }
    }

    internal static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    protected Host Start(string program, params string[] args)
    {
        Host host = new(Path.IsPathRooted(program) ? program : HostFolder.Program(program), _mark, args);
        _hosts.Add(host);
        return host;
    }

    /// <summary>Starts a program on regtest with this test's directory and port.</summary>
    protected Host StartHere(string program, params string[] args)
        => Start(
            program,
            [
                "-regtest", $"-datadir={Root}", $"-rpcport={Port.ToString(CultureInfo.InvariantCulture)}",
                .. Path.GetFileName(program) is "bitcoind" or "bitcoin-node" or "bitcoin-qt"
                    ? ["-keypool=1"]
                    : (string[])[],
                .. Path.GetFileName(program) is "bitcoin-gui" or "bitcoin-qt" ? ["-text"] : (string[])[],
                .. args,
            ]);

    protected RpcClient Rpc(string? wallet = null) => new(Port, Path.Combine(RegtestDirectory, ".cookie"), wallet);

    /// <summary>Runs the client and gives code, output and errors.</summary>
    protected (int Code, string Output, string Errors) Cli(params string[] words)
    {
        Host host = StartHere("bitcoin-cli", words);
        host.MayComplain = true;
        host.ExpectedCode = null;
        int code = host.WaitForExit();
        return (code, host.Output, host.Errors);
    }

    protected List<int> Living() => ProcessMark.Living(_mark);

    protected static void WaitUntil(Func<bool> condition, string what)
        => Assert.That(SpinWait.SpinUntil(condition, Host.Patience), Is.True, what);

    private void Check()
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (Host host in _hosts)
            {
                int code = host.WaitForExit();
                Assert.That(
                    code,
                    Is.EqualTo(host.ExpectedCode ?? code),
                    $"{host.Name} ended with {code}:\n{host.Output}\n{host.Errors}");
                Assert.That(host.MayComplain ? "" : host.Errors, Is.Empty, $"{host.Name} wrote to its error output");
            }

            Assert.That(
                SpinWait.SpinUntil(() => Living().Count == 0, Host.Patience),
                Is.True,
                $"still there: {string.Join(", ", Living().Select(ProcessMark.CommandLine))}");
            Assert.That(
                ProcessMark.Zombies([Environment.ProcessId, .. _hosts.Select(static host => host.Id)]),
                Is.Empty,
                "not reaped");
            bool wasKilled = _hosts.Exists(static host => host.ExpectedCode is null && host.Name != "bitcoin-cli");
            string[] sockets = [.. Directory.EnumerateFiles(Root, "*.sock", SearchOption.AllDirectories)];
            Assert.That(wasKilled ? [] : sockets, Is.Empty, "sockets left behind");
        }
    }
}
