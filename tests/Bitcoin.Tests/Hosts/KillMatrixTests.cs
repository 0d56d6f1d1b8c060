using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Wallet;
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Tests;

/// <summary>
/// Kills of the wallet and of the node at every step of a payment. A kill leaves the files as they are at that moment,
/// so the test copies the wallet's files within the step, and goes on with the copy. Both end with the node: then the
/// copy is opened at a node that has the blocks, but not the pool.
/// </summary>
[TestFixture(Deployment.Direct)]
[TestFixture(Deployment.Connected)]
internal sealed class KillMatrixTests(Deployment deployment)
{
    private readonly List<Run> _runs = [];
    private string _root;

    /// <summary>How far a payment is.</summary>
    public enum Step
    {
        /// <summary>It is being made.</summary>
        Created,

        /// <summary>It is signed, and in memory only.</summary>
        Signed,

        /// <summary>It is in the wallet's file.</summary>
        Stored,

        /// <summary>It is in the node's pool.</summary>
        HandedOver,

        /// <summary>The user has the answer.</summary>
        Answered,
    }

    /// <summary>What is killed.</summary>
    public enum Victim
    {
        /// <summary>The wallet's process.</summary>
        Wallet,

        /// <summary>The node, and with it the wallet's process that it started.</summary>
        Node,
    }

    [SetUp]
    public void Start() => _root = Directory.CreateTempSubdirectory("bitcoin-").FullName;

    [TearDown]
    public void Stop()
    {
        Enumerable.Reverse(_runs).ToList().ForEach(static run => run.Dispose());
        _runs.Clear();
        Directory.Delete(_root, recursive: true);
    }

    [Test]
    public void A_payment_is_neither_lost_nor_doubled([Values] Step step, [Values] Victim victim)
    {
        NodeFixture node = new(deployment);
        Run first = Open(node, "first", ownsNode: true);
        first.Loader.CreateWallet("w", new SecretString(""), out _);
        string own = first.Text("getnewaddress");
        Mine(node, 101, own);
        Assert.That(
            SpinWait.SpinUntil(() => first.HasBalance(50), NodeFixture.Patience),
            Is.True,
            "the wallet follows the chain");
        string payee = new Key([.. new byte[31], 9]).PubKey
            .GetAddress(ScriptPubKeyType.Segwit, Network.RegTest).ToString();
        string left = Path.Combine(_root, "left");
        bool isKilled = false;
        first.Gate.At = (name, isBefore) =>
        {
            if (!isKilled && StepOf(name, isBefore) == step)
            {
                isKilled = true;
                Copy(first.Directory, left);
                throw new KilledException();
            }
        };

        string? answer = first.TrySend(payee);
        first.Gate.At = null;
        if (step == Step.Answered)
        {
            Copy(first.Directory, left);
        }

        Assert.That((isKilled, answer is not null), Is.EqualTo((step != Step.Answered, step == Step.Answered)));
        bool isPromised = step >= Step.Stored;
        Assert.That(node.Node.Pool.Count, Is.EqualTo(step >= Step.HandedOver ? 1 : 0));
        first.CloseWallets();
        Run second = victim == Victim.Wallet
            ? Open(node, "left", ownsNode: false)
            : Open(Restarted(node), "left", ownsNode: true);
        second.Loader.LoadWallet("w", out _);

        uint256[] pool = second.Node.Chain.GetMempoolIds();
        Assert.That(pool, Has.Length.EqualTo(isPromised ? 1 : 0), "a payment that is stored is sent, once");
        Assert.That(Sent(second), Is.EqualTo(isPromised ? 1 : 0), "the user sees whether it was sent");
        if (answer is not null)
        {
            Assert.That(pool[0]!.ToString(), Is.EqualTo(answer));
        }

        // A user who sees that nothing was sent sends again; the coin is whole.
        string id = isPromised ? pool[0]!.ToString() : second.TrySend(payee)!;
        Mine(second.Node, 1, own);

        Assert.That(second.Call("gettransaction", id)!["confirmations"]!.GetValue<int>(), Is.EqualTo(1));
        Assert.That(Received(second.Node, payee), Is.EqualTo(Money.Coins(1)), "once");
        Assert.That(Sent(second), Is.EqualTo(1));
    }

    private static Step? StepOf(string call, bool isBefore) => (call, isBefore) switch
    {
        (nameof(IChain.GetRelayDustFee), true) => Step.Created,
        (nameof(IChain.CheckChainLimits), true) => Step.Signed,
        (nameof(IChain.BroadcastTransaction), true) => Step.Stored,
        (nameof(IChain.BroadcastTransaction), false) => Step.HandedOver,
        _ => null,
    };

    private static void Mine(NodeFixture node, int count, string address)
        => node.Node.Mining.Generate(count, BitcoinAddress.Create(address, Network.RegTest).ScriptPubKey);

    private static int Sent(Run run)
        => run.Call("listtransactions", "*", 1000)!.AsArray().Count(
            static one => one!["category"]!.ToString() == "send");

    private static Money Received(NodeFixture node, string payee)
    {
        Script script = BitcoinAddress.Create(payee, Network.RegTest).ScriptPubKey;
        return Enumerable.Range(0, node.Tree.Tip.Height + 1)
            .Select(height => node.Chain.GetBlock(node.Tree.AtHeight(height)!.Hash)!)
            .SelectMany(static block => block.Transactions)
            .SelectMany(static transaction => transaction.Outputs)
            .Where(output => output.ScriptPubKey == script)
            .Sum(static output => output.Value);
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    // A node that was killed has its blocks, and no pool.
    private NodeFixture Restarted(NodeFixture node)
    {
        NodeFixture again = new(deployment);
        for (int height = 1; height <= node.Tree.Tip.Height; height++)
        {
            again.Tree.AcceptBlock(node.Chain.GetBlock(node.Tree.AtHeight(height)!.Hash)!);
        }

        Assert.That(again.Tree.Tip.Hash, Is.EqualTo(node.Tree.Tip.Hash));
        return again;
    }

    private Run Open(NodeFixture node, string name, bool ownsNode)
    {
        Run run = new(node, Path.Combine(_root, name), deployment, ownsNode);
        _runs.Add(run);
        return run;
    }

    private sealed class KilledException : Exception;

    /// <summary>The node as the wallet has it. Everything that the wallet asks for comes by.</summary>
    internal class ChainGate : DispatchProxy
    {
        internal IChain? Inner { get; set; }

        /// <summary>Called with the name of each method: true before it runs, and false after.</summary>
        internal Action<string, bool>? At { get; set; }

        protected override object? Invoke(MethodInfo? method, object?[]? arguments)
        {
            At?.Invoke(method!.Name, true);
            object? result;
            try
            {
                result = method!.Invoke(Inner, arguments);
            }
            catch (TargetInvocationException exception) when (exception.InnerException is not null)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(exception.InnerException);
                throw;
            }

            At?.Invoke(method.Name, false);
            return result;
        }
    }

    /// <summary>Wallets at a node.</summary>
    private sealed class Run : IDisposable
    {
        private readonly IpcTestPair<IInit>? _pair;
        private readonly bool _ownsNode;
        private bool _isClosed;

        internal Run(NodeFixture node, string directory, Deployment deployment, bool ownsNode)
        {
            Node = node;
            Directory = System.IO.Directory.CreateDirectory(directory).FullName;
            _ownsNode = ownsNode;
            IChain gate = DispatchProxy.Create<IChain, ChainGate>();
            Gate = (ChainGate)(object)gate;
            Gate.Inner = node.Node.Chain;
            WalletInit init = new(new ThisProcess("bitcoin-wallet"), node.Log, console: null);
            _pair = deployment == Deployment.Connected ? IpcTestPair.Create<IInit>(init) : null;
            Loader = (_pair?.Root ?? init).MakeWalletLoader(
                gate,
                new WalletSettings(
                    "regtest",
                    Directory,
                    PrintToConsole: false,
                    [],
                    Options: new Dictionary<string, string> { ["keypool"] = "2", ["fallbackfee"] = "0.0002" }))!;
            Loader.RegisterRpcs();
            Assert.That(Loader.Load(out string? error), Is.True, error);
        }

        internal NodeFixture Node { get; }

        internal string Directory { get; }

        internal ChainGate Gate { get; }

        internal IWalletLoader Loader { get; }

        public void Dispose()
        {
            CloseWallets();
            if (_ownsNode)
            {
                Node.Dispose();
            }
        }

        internal void CloseWallets()
        {
            if (!_isClosed)
            {
                _isClosed = true;
                Loader.Dispose();
                _pair?.Dispose();
            }
        }

        internal JsonNode? Call(string method, params JsonNode?[] arguments)
            => Node.Node.Rpc.Execute(method, new JsonArray(arguments), "/", "test");

        internal string Text(string method) => Call(method)!.ToString();

        internal bool HasBalance(decimal coins)
        {
            try
            {
                return decimal.Parse(Text("getbalance"), CultureInfo.InvariantCulture) == coins;
            }
            catch (RpcException)
            {
                // On a busy machine a hundred blocks take longer than the wallet lets a method wait.
                return false;
            }
        }

        /// <summary>Pays a coin; null if the wallet was killed meanwhile.</summary>
        internal string? TrySend(string address)
        {
            try
            {
                return Call("sendtoaddress", address, 1)!.ToString();
            }
            catch (Exception exception) when (exception is KilledException or IpcRemoteException or RpcException)
            {
                return null;
            }
        }
    }
}
