using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Bitcoin.Primitives;

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

    /// <summary>The currency whose programs are tested.</summary>
    protected virtual ICurrency Currency => BitcoinCurrency.Instance;

    /// <summary>Where its programs are.</summary>
    protected virtual string Folder => HostFolder.Path;

    /// <summary>The home directory of the programs' user; null for that of the tests.</summary>
    protected virtual string? Home => null;

    protected CurrencyNames Names => Currency.Names;

    protected NetworkParameters Regtest => Currency.Networks.Single(static network => network.IsPrivate);

    /// <summary>An address whose key nobody here has.</summary>
    protected string Address => Primitives.Address.Format(NBitcoin.Script.FromHex(AddressScript), Regtest)!;

    /// <summary>The address's script.</summary>
    protected string AddressScript => Currency.HasWitnesses
        ? "0014751e76e8199196d454941c45d1b3a323f1433bd6"
        : "76a914751e76e8199196d454941c45d1b3a323f1433bd688ac";

    /// <summary>The number of kinds of address of which a wallet gives out.</summary>
    protected int Kinds => Currency.HasWitnesses ? 4 : 1;

    /// <summary>What the first blocks pay.</summary>
    protected string Subsidy => Amount(Currency.RewardAt(Regtest, 1, 0x207fffff).Subsidy);

    /// <summary>An amount as methods print it.</summary>
    protected static string Amount(long amount)
        => string.Create(CultureInfo.InvariantCulture, $"{amount / 100_000_000}.{amount % 100_000_000:00000000}");

    /// <summary>A text in the words of the tested currency, from Bitcoin's.</summary>
    protected string Words(string text)
        => text.Replace("-regtest, -signet, -testnet, -testnet4", Switches, StringComparison.Ordinal)
            .Replace("bitcoin", Names.Prefix, StringComparison.Ordinal)
            .Replace("Bitcoin", Names.Currency, StringComparison.Ordinal)
            .Replace("BTC", Names.Unit, StringComparison.Ordinal);

    [SetUp]
    public void Prepare()
    {
        // A socket's path must be short.
        Root = Directory.CreateTempSubdirectory("btc-").FullName;
        _mark = Guid.NewGuid().ToString();
        Port = FreePort();
        LeftOut.Check(Currency);
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
        Host host = new(Path.IsPathRooted(program) ? program : Path.Combine(Folder, program), _mark, args, Home);
        _hosts.Add(host);
        return host;
    }

    /// <summary>Starts a program on regtest with this test's directory and port.</summary>
    protected Host StartHere(string program, params string[] args)
        => Start(
            program,
            [
                "-regtest", $"-datadir={Root}", $"-rpcport={Port.ToString(CultureInfo.InvariantCulture)}",
                .. Role(program) is "d" or "-node" or "-qt" ? ["-keypool=1"] : (string[])[],
                .. Role(program) is "-gui" or "-qt" ? ["-text"] : (string[])[],
                .. args,
            ]);

    protected RpcClient Rpc(string? wallet = null) => new(Port, Path.Combine(RegtestDirectory, ".cookie"), wallet);

    /// <summary>Runs the client and gives code, output and errors.</summary>
    protected (int Code, string Output, string Errors) Cli(params string[] words)
    {
        Host host = StartHere(Names.Program("cli"), words);
        host.MayComplain = true;
        host.ExpectedCode = null;
        int code = host.WaitForExit();
        return (code, host.Output, host.Errors);
    }

    private string Switches => string.Join(
        ", ",
        Currency.Networks.Where(static network => !network.IsMain)
            .Select(static network => "-" + network.Switch)
            .Order(StringComparer.Ordinal));

    private string Role(string program)
        => Path.GetFileName(program) is var name && name.StartsWith(Names.Prefix, StringComparison.Ordinal)
            ? name[Names.Prefix.Length..]
            : "";

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
            bool wasKilled = _hosts.Exists(
                host => host.ExpectedCode is null && host.Name != Names.Program("cli"));
            string[] sockets = [.. Directory.EnumerateFiles(Root, "*.sock", SearchOption.AllDirectories)];
            Assert.That(wasKilled ? [] : sockets, Is.Empty, "sockets left behind");
        }
    }
}
