using System.Reflection;
using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Wallet;
using NBitcoin;

namespace Bitcoin.Tests;

/// <summary>
/// A wallet that is killed at any step of a send neither loses nor doubles the payment. A step is a call to the node:
/// before it the node has not run it, after it the wallet has not heard of it.
/// </summary>
[TestFixture]
[CancelAfter(120_000)]
internal sealed class SendKillTests
{
    private const int MaxSteps = 100;
    private const int Mature = 105;

    private string _directory;
    private NodeFixture _node;

    [SetUp]
    public void Start()
    {
        _directory = Directory.CreateTempSubdirectory("bitcoin-").FullName;
        _node = new NodeFixture(Deployment.Direct);
        string funded = Path.Combine(_directory, "funded");
        Directory.CreateDirectory(funded);
        using WalletLoader loader = Load(_node.Chain, funded);
        Run(loader, "createwallet", "w");
        _node.Node.Mining.Generate(Mature, ScriptOf(Run(loader, "getnewaddress")!.ToString()));
    }

    [TearDown]
    public void Stop()
    {
        _node.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public void A_kill_before_or_after_any_call_to_the_node_leaves_one_payment_or_none([Values] bool hasCallRun)
    {
        int killed = 0;
        int paid = 0;
        for (int step = 1; ; step++)
        {
            Assert.That(step, Is.LessThan(MaxSteps), "the send does not end");
            string directory = Copy("funded", $"run-{step}");
            Script payee = new Key().PubKey.WitHash.ScriptPubKey;
            IChain dying = DyingChain.Of(_node.Chain, out DyingChain death);
            using WalletLoader loader = Load(dying, directory, "w");
            death.DieAt(step, hasCallRun);

            bool hasEnded = TrySend(loader, payee);

            // What a killed process leaves is what stands in its files: nothing is written from here on.
            string left = Copy($"run-{step}", $"left-{step}");
            loader.Dispose();
            using WalletLoader again = Load(_node.Chain, left, "w");
            int known = Known(again, payee);
            int waiting = Waiting(payee);
            Assert.That(known, Is.LessThanOrEqualTo(1), $"step {step}: doubled in the wallet");
            Assert.That(waiting, Is.EqualTo(known), $"step {step}: what the wallet knows is what the node has");
            if (known == 0)
            {
                Assert.That(TrySend(again, payee), Is.True, $"step {step}: it can be sent again");
                Assert.That(Waiting(payee), Is.EqualTo(1), $"step {step}: it is sent once");
            }

            _node.Node.Mining.Generate(1, NodeFixture.Script);
            Assert.That(Known(again, payee), Is.EqualTo(1), $"step {step}: it is confirmed once");
            if (hasEnded)
            {
                break;
            }

            killed++;
            paid += known;
        }

        Assert.That(killed, Is.GreaterThan(3), "a send asks the node more than once");
        Assert.That(paid, Is.GreaterThan(0), "a kill after the payment is stored is among the steps");
        Assert.That(paid, Is.LessThan(killed), "a kill before the payment is stored is among the steps");
    }

    private static bool TrySend(WalletLoader loader, Script payee)
    {
        try
        {
            Run(loader, "sendtoaddress", Address.Format(payee, NetworkParameters.Regtest), 1);
            return true;
        }
        catch (KilledException)
        {
            return false;
        }
    }

    private static int Known(WalletLoader loader, Script payee)
    {
        string address = Address.Format(payee, NetworkParameters.Regtest)!;
        return Run(loader, "listtransactions", "*", 1000)!.AsArray().Count(
            one => one!["category"]!.ToString() == "send" && one["address"]?.ToString() == address);
    }

    private int Waiting(Script payee)
        => _node.Chain.GetMempoolIds().Chunk(50).SelectMany(_node.Chain.FindMempoolTransactions).Count(
            transaction => transaction.Outputs.Exists(output => output.ScriptPubKey == payee));

    private static WalletLoader Load(IChain chain, string directory, params string[] wallets)
    {
        WalletLoader loader = new(
            chain,
            directory,
            wallets,
            new DebugLog(),
            new Dictionary<string, string>
            {
                ["keypool"] = "2",
                ["fallbackfee"] = "0.0001",
                ["unsafesqlitesync"] = "1",
            });
        Assert.That(loader.Load(out string? error), Is.True, error);
        return loader;
    }

    private static JsonNode? Run(WalletLoader loader, string method, params JsonNode?[] arguments)
    {
        RpcCommand command = loader.Commands.First(one => one.Name == method);
        JsonNode?[] all = [.. arguments, .. new JsonNode?[command.Arguments.Length - arguments.Length]];
        return command.Actor(new RpcCall(method, all, "/", "test", IsLast: true, arguments.Length));
    }

    private static Script ScriptOf(string address)
    {
        Assert.That(Address.TryParse(address, NetworkParameters.Regtest, out Script? script), Is.True);
        return script!;
    }

    private string Copy(string from, string to)
    {
        string source = Path.Combine(_directory, from);
        string target = Path.Combine(_directory, to);
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return target;
    }

    private sealed class KilledException : Exception;

    /// <summary>A chain that ends, with its caller, at a given call: no later call reaches the node.</summary>
    private class DyingChain : DispatchProxy
    {
        private readonly Lock _gate = new();
        private IChain _chain = null!;
        private int _left;
        private bool _hasCallRun;
        private bool _isDead;

        internal static IChain Of(IChain chain, out DyingChain dying)
        {
            IChain proxy = Create<IChain, DyingChain>();
            dying = (DyingChain)(object)proxy;
            dying._chain = chain;
            return proxy;
        }

        internal void DieAt(int step, bool hasCallRun)
        {
            lock (_gate)
            {
                _left = step;
                _hasCallRun = hasCallRun;
            }
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            bool diesNow;
            lock (_gate)
            {
                if (_isDead)
                {
                    throw new KilledException();
                }

                diesNow = _left > 0 && --_left == 0;
                _isDead = diesNow;
            }

            if (diesNow && !_hasCallRun)
            {
                throw new KilledException();
            }

            object? result = targetMethod!.Invoke(_chain, BindingFlags.DoNotWrapExceptions, null, args, null);
            return diesNow ? throw new KilledException() : result;
        }
    }
}
