using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Node;
using Bitcoin.Primitives;
using NBitcoin;
using Bitcoin.Wallet;
using Multiprocess;

namespace Bitcoin.Tests;

/// <summary>Every hard shape of the contracts, in one process and encoded as between two.</summary>
[TestFixture(Deployment.Direct)]
[TestFixture(Deployment.Connected)]
internal sealed class ContractTests(Deployment deployment)
{
    private NodeFixture _node;
    private string _directory;
    private IpcTestPair<IInit>? _walletPair;
    private IWalletLoader _loader;

    [SetUp]
    public void Start()
    {
        _node = new NodeFixture(deployment);
        _directory = Directory.CreateTempSubdirectory("bitcoin-").FullName;
        WalletInit init = new(new ThisProcess("bitcoin-wallet"), _node.Log, console: null);
        _walletPair = deployment == Deployment.Connected ? IpcTestPair.Create<IInit>(init) : null;
        _loader = (_walletPair?.Root ?? init).MakeWalletLoader(
            _node.Node.Chain, new WalletSettings(
                "regtest",
                _directory,
                PrintToConsole: false,
                [],
                Options: new Dictionary<string, string> { ["keypool"] = "2" }))!;
        _loader.RegisterRpcs();
        Assert.That(_loader.Load(out string? error), Is.True, error);
    }

    [TearDown]
    public void Stop()
    {
        _loader.Dispose();
        _walletPair?.Dispose();
        _node.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public void A_block_is_found_with_those_parts_that_were_wanted()
    {
        uint256[] hashes = _node.Node.Mining.Generate(3, NodeFixture.Script);

        bool isFound = _node.Chain.FindBlock(hashes[1], BlockParts.Height | BlockParts.Next, out FoundBlock? found);
        bool isUnknownFound = _node.Chain.FindBlock(uint256.One, BlockParts.Data, out FoundBlock? unknown);

        Assert.That(isFound, Is.True);
        Assert.That(found, Is.EqualTo(new FoundBlock(hashes[1], Height: 2, Next: hashes[2])));
        Assert.That((isUnknownFound, unknown), Is.EqualTo((false, (FoundBlock?)null)));
    }

    [Test]
    public void Common_ancestors_are_found_across_branches()
    {
        uint256 main = _node.Node.Mining.Generate(2, NodeFixture.Script)[1];
        ChainBlock root = _node.Tree.AtHeight(1)!;
        uint256 side = _node.Tree.AcceptBlock(Forge.Next(_node.Tree, root, new Script(OpcodeType.OP_2))).Block!.Hash;

        bool isFound = _node.Chain.FindCommonAncestor(
            main,
            side,
            BlockParts.Height | BlockParts.Active,
            out FoundBlock? ancestor,
            out FoundBlock? one,
            out FoundBlock? other);

        Assert.That(isFound, Is.True);
        Assert.That((ancestor!.Height, one!.IsActive, other!.IsActive), Is.EqualTo((1, true, false)));
        Assert.That(_node.Chain.FindAncestorByHeight(side, 1, BlockParts.None, out FoundBlock? parent), Is.True);
        Assert.That(parent!.Hash, Is.EqualTo(root.Hash));
        Assert.That(_node.Chain.FindLocatorFork([side, root.Hash]), Is.EqualTo(1));
        Assert.That(_node.Chain.GetTipLocator(), Is.EqualTo(new[] { main, root.Hash, _node.Chain.GetBlockHash(0) }));
    }

    [Test]
    public void Coins_are_filled_in_where_they_were_asked_for()
    {
        _node.Node.Mining.Generate(1, NodeFixture.Script);
        uint256 txid = _node.Chain.GetBlock(_node.Tree.Tip.Hash)!.Transactions[0].GetHash();
        Dictionary<OutPoint, Interfaces.Coin?> coins = new()
        {
            [new OutPoint(txid, 0)] = null,
            [new OutPoint(txid, 7)] = null,
        };

        _node.Chain.FindCoins(ref coins);

        Assert.That(coins[new OutPoint(txid, 0)]!.Output.Value, Is.EqualTo(Money.Coins(50)));
        Assert.That(coins[new OutPoint(txid, 0)]!.Output.ScriptPubKey, Is.EqualTo(NodeFixture.Script));
        Assert.That(coins[new OutPoint(txid, 7)], Is.Null);
    }

    [Test]
    public void A_setting_is_updated_by_a_function_of_the_caller()
    {
        bool first = _node.Chain.UpdateRwSetting("n", (ref JsonNode? value) =>
        {
            value = (value?.GetValue<int>() ?? 41) + 1;
            return SettingsAction.Write;
        });
        bool second = _node.Chain.UpdateRwSetting("n", (ref JsonNode? value) =>
        {
            value = null;
            return null;
        });

        Assert.That((first, second), Is.EqualTo((true, true)));
        Assert.That(_node.Chain.GetRwSetting("n")!.GetValue<int>(), Is.EqualTo(42));
        Assert.That(_node.Chain.GetRwSetting("none"), Is.Null);
    }

    [Test]
    public void A_registered_method_runs_where_it_came_from_and_its_typed_error_comes_back()
    {
        RpcCommand command = new(
            "Test",
            "fail",
            [new RpcArgument("text", RpcType.Text)],
            "Fails.",
            call => throw new RpcException(-4711, $"no {call.Params[0]}"));
        IRpc rpc = _node.Client.MakeRpc()!;
        JsonObject request = new()
        {
            ["method"] = "fail",
            ["params"] = new JsonObject { ["text"] = "luck" },
            ["id"] = 1,
        };

        using (IHandler handler = _node.Chain.HandleRpc(command))
        {
            JsonNode? reply = rpc.ExecuteRpc(request, "/", "test");
            Assert.That(reply!["error"]!.ToJsonString(), Is.EqualTo("""{"code":-4711,"message":"no luck"}"""));
        }

        Assert.That(
            rpc.ExecuteRpc(request, "/", "test")!["error"]!["code"]!.GetValue<int>(),
            Is.EqualTo(RpcErrorCode.MethodNotFound));
    }

    [Test]
    public void A_wallet_comes_as_a_result_or_as_a_reason()
    {
        ConcurrentQueue<string> names = [];
        using IHandler handler = _loader.HandleLoadWallet(wallet => names.Enqueue(wallet.GetWalletName()));

        WalletResult made = _loader.CreateWallet("w", new SecretString(""), out List<string> warnings);
        WalletResult again = _loader.CreateWallet("w", new SecretString(""), out _);
        WalletResult locked = _loader.CreateWallet("x", new SecretString("secret"), out _);
        WalletResult unnamed = _loader.CreateWallet("", new SecretString(""), out _);

        Assert.That(made, Is.InstanceOf<WalletLoaded>());
        Assert.That(warnings, Is.Empty);
        Assert.That(
            again, Is.InstanceOf<WalletFailure>().With.Property("Code").EqualTo(RpcErrorCode.Wallet));
        Assert.That(locked, Is.InstanceOf<WalletLoaded>(), "encrypted from its first moment");
        Assert.That(unnamed, Is.InstanceOf<WalletFailure>());
        Assert.That(SpinWait.SpinUntil(() => names.Count == 2, NodeFixture.Patience), Is.True);
        Assert.That(names, Is.EqualTo(new[] { "w", "x" }));
        Assert.That(_loader.GetWallets().Select(static wallet => wallet.GetWalletName()), Is.EqualTo(names));
        Assert.That(_loader.ListWalletDir(), Is.EqualTo(new[] { ("w", "sqlite"), ("x", "sqlite") }));
    }

    [Test]
    public void Coins_are_listed_by_destination()
    {
        IWallet wallet = ((WalletLoaded)_loader.CreateWallet("w", new SecretString(""), out _)).Wallet;
        string address = wallet.GetNewDestination("savings");
        Assert.That(Address.TryParse(address, BitcoinNetworks.Regtest, out Script? script), Is.True);
        _node.Node.Mining.Generate(2, script!);
        _node.Node.Mining.Generate(99, NodeFixture.Script);
        Assert.That(_node.Node.Chain.WaitForListeners(NodeFixture.Patience), Is.True);

        Dictionary<WalletDestination, List<(OutPoint Id, WalletCoin Coin)>> coins = wallet.ListCoins();

        Assert.That(coins.Keys.Single(), Is.EqualTo(new WitnessDestination(address, "savings")));
        Assert.That(
            coins.Values.Single().Select(static pair => pair.Coin.Depth).Order(), Is.EqualTo(new[] { 100, 101 }));
        Assert.That(wallet.GetBalances(), Is.EqualTo(new WalletBalances(Money.Coins(50), Money.Coins(50), Money.Zero)));
        Assert.That(wallet.IsMine(script!), Is.True);
        Assert.That(wallet.GetAddresses(), Is.EqualTo(new[] { new WalletAddress(address, "savings") }));
        Assert.That(wallet.GetLastBlock().Hash, Is.EqualTo(_node.Chain.GetTipHash()));
        Assert.That(wallet.TryGetBalances(out WalletBalances? balances, out uint256 tip), Is.True);
        Assert.That((balances!.Trusted, tip), Is.EqualTo((Money.Coins(50), _node.Chain.GetTipHash())));
    }

    [Test]
    public void Optional_outputs_and_optional_errors_cross_as_what_they_are()
    {
        IWallet wallet = ((WalletLoaded)_loader.CreateWallet("w", new SecretString(""), out _)).Wallet;
        PSBT psbt = PSBT.FromTransaction(Forge.Spend(new OutPoint(uint256.One, 0)), Network.RegTest);

        Assert.That(wallet.FillPsbt(false, ref psbt, out int? signed, out bool complete), Is.Null);
        Assert.That((signed, complete), Is.EqualTo(((int?)null, false)));
        Assert.That(wallet.FillPsbt(true, ref psbt, out signed, out complete), Is.Null);
        Assert.That((signed, complete), Is.EqualTo(((int?)0, false)), "none of its inputs is the wallet's");
        IWallet locked = ((WalletLoaded)_loader.CreateWallet("x", new SecretString("secret"), out _)).Wallet;
        Assert.That(locked.FillPsbt(true, ref psbt, out signed, out _), Is.EqualTo(PsbtError.MissingKeys));
        Assert.That(
            wallet.GetMinimumFee(250, null, out int? target, out string? reason), Is.EqualTo(Money.Zero));
        Assert.That((target, reason), Is.EqualTo(((int?)null, "Fallback fee")), "there is no estimate yet");
        _node.Chain.GetTransactionAncestry(
            uint256.One, out long ancestors, out long cluster, out long? size, out Money? fees);
        Assert.That((ancestors, cluster, size, fees), Is.EqualTo((0L, 0L, (long?)null, (Money?)null)));
    }

    [Test]
    public void A_passphrase_encrypts_unlocks_and_is_changed_and_is_gone_after_each_call()
    {
        IWallet wallet = ((WalletLoaded)_loader.CreateWallet("w", new SecretString(""), out _)).Wallet;
        List<SecretString> given = [];

        Assert.That((wallet.IsEncrypted(), wallet.IsLocked()), Is.EqualTo((false, false)));
        Assert.That(wallet.Unlock(Secret("one"), null), Is.False, "it is not encrypted");
        Assert.That(wallet.Lock(), Is.False, "it is not encrypted");
        Assert.That(wallet.EncryptWallet(Secret("")), Is.False);
        Assert.That(wallet.EncryptWallet(Secret("one")), Is.True);
        Assert.That(wallet.EncryptWallet(Secret("one")), Is.False, "it is encrypted already");
        Assert.That((wallet.IsEncrypted(), wallet.IsLocked()), Is.EqualTo((true, true)));
        Assert.That(wallet.Unlock(Secret("two"), null), Is.False);
        Assert.That(wallet.Unlock(Secret("one"), TimeSpan.FromHours(1)), Is.True);
        Assert.That(wallet.IsLocked(), Is.False);
        Assert.That(wallet.Lock(), Is.True);
        Assert.That(wallet.ChangePassphrase(Secret("two"), Secret("three")), Is.False);
        Assert.That(wallet.ChangePassphrase(Secret("one"), Secret("")), Is.False);
        Assert.That(wallet.ChangePassphrase(Secret("one"), Secret("three")), Is.True);
        Assert.That(wallet.Unlock(Secret("one"), null), Is.False);
        Assert.That(wallet.Unlock(Secret("three"), null), Is.True);
        Assert.That(
            given.ConvertAll(IsDisposed),
            Has.All.EqualTo(deployment == Deployment.Direct),
            "across processes the other side has a copy of its own");
        given.ForEach(static one => one.Dispose());

        SecretString Secret(string text)
        {
            SecretString secret = new(text);
            given.Add(secret);
            return secret;
        }

        static bool IsDisposed(SecretString secret)
        {
            try
            {
                _ = secret.Length;
                return false;
            }
            catch (ObjectDisposedException)
            {
                return true;
            }
        }
    }

    [Test]
    public void A_migrated_wallet_is_there_again_and_its_old_form_is_kept()
    {
        string old = Path.Combine(_directory, "w", "wallet.dat");
        Directory.CreateDirectory(Path.GetDirectoryName(old)!);
        SafeFile.WriteChecked(
            old,
            System.Text.Encoding.UTF8.GetBytes(
                $$"""{"Version":1,"Seed":"{{new string('7', 64)}}","Labels":["rent"]}"""));
        Assert.That(_loader.LoadWallet("w", out _), Is.InstanceOf<WalletFailure>(), "it must be migrated first");

        WalletMigration migration = _loader.MigrateWallet("w", new SecretString(""));

        Assert.That(migration.Error, Is.Null);
        Assert.That(File.Exists(migration.BackupPath), Is.True);
        Assert.That(
            _loader.GetWallets().Select(static wallet => wallet.GetWalletName()),
            Is.EqualTo(new[] { "w", "w_watchonly" }));
        Assert.That(migration.Wallet!.GetNewDestination(""), Does.StartWith("bcrt1q"));
        Assert.That(
            _loader.GetWallets()[1].GetAddresses().Single().Label, Is.EqualTo("rent"), "its old addresses are watched");
        Assert.That(
            _loader.MigrateWallet("w", new SecretString("")).Error,
            Is.EqualTo("Error: This wallet is already a descriptor wallet"));
        Assert.That(
            _loader.MigrateWallet("none", new SecretString("")).Error, Is.EqualTo("Error: Wallet does not exist"));
    }

    [Test]
    public void A_wallet_follows_the_chain_to_another_branch()
    {
        IWallet wallet = ((WalletLoaded)_loader.CreateWallet("w", new SecretString(""), out _)).Wallet;
        Assert.That(
            Address.TryParse(wallet.GetNewDestination(""), BitcoinNetworks.Regtest, out Script? script), Is.True);
        ChainBlock root = _node.Tree.Tip;
        _node.Node.Mining.Generate(1, script!);
        Assert.That(_node.Node.Chain.WaitForListeners(NodeFixture.Patience), Is.True);
        Assert.That(wallet.GetBalances().Immature, Is.EqualTo(Money.Coins(50)));

        ChainBlock side = _node.Tree.AcceptBlock(Forge.Next(_node.Tree, root)).Block!;
        _node.Tree.AcceptBlock(Forge.Next(_node.Tree, side));
        Assert.That(_node.Node.Chain.WaitForListeners(NodeFixture.Patience), Is.True);

        Assert.That(wallet.GetBalances().Immature, Is.EqualTo(Money.Zero));
        Assert.That(wallet.GetLastBlock().Height, Is.EqualTo(2));
    }

    [Test]
    public void A_template_lives_in_the_node_and_its_wait_ends_with_the_next_block_or_an_interrupt()
    {
        IMining mining = _node.Client.MakeMining()!;
        using IBlockTemplate template = mining.CreateNewBlock(new BlockCreateOptions(NodeFixture.Script));
        BlockHeader header = template.GetBlockHeader();

        Assert.That(template.WaitNext(TimeSpan.Zero), Is.Null);
        template.InterruptWait();
        Assert.That(template.WaitNext(Timeout.InfiniteTimeSpan), Is.Null);
        uint256 before = mining.GetTip().Hash;
        Task<BlockTip?> waiting = Task.Run(() => mining.WaitTipChanged(before, Timeout.InfiniteTimeSpan));
        Block solved = Forge.Edit(template.GetBlock(), static _ => { });

        Assert.That(mining.CheckBlock(template.GetBlock(), false, out string reason, out _), Is.True, reason);
        Assert.That(
            template.SubmitSolution(
                (uint)header.Version, (uint)header.BlockTime.ToUnixTimeSeconds(), solved.Header.Nonce, null),
            Is.True);
        using IBlockTemplate? next = template.WaitNext(Timeout.InfiniteTimeSpan);
        Assert.That(next!.GetBlockHeader().HashPrevBlock, Is.EqualTo(_node.Tree.Tip.Hash));
        Assert.That(waiting.Wait(NodeFixture.Patience), Is.True);
        Assert.That(
            mining.SubmitBlock(
                Forge.Edit(next.GetBlock(), static block => block.Header.HashMerkleRoot = uint256.One, keepsRoot: true),
                out reason,
                out string debug),
            Is.False);
        Assert.That((reason, debug), Is.EqualTo(("bad-txnmrklroot", "hashMerkleRoot mismatch")));
    }

    [Test]
    public void A_wait_for_a_tip_is_cancelled_by_who_waits_and_interrupted_by_anybody()
    {
        IMining mining = _node.Client.MakeMining()!;
        uint256 tip = mining.GetTip().Hash;
        using CancellationTokenSource cancel = new();
        Task cancelled = Task.Factory.StartNew(
            () => mining.WaitTipChanged(tip, Timeout.InfiniteTimeSpan, cancel.Token),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        cancel.Cancel();

        Assert.That(
            () => cancelled.Wait(NodeFixture.Patience),
            Throws.InstanceOf<AggregateException>().With.InnerException.InstanceOf<OperationCanceledException>());
        Task<BlockTip?> interrupted = Task.Factory.StartNew(
            () => mining.WaitTipChanged(tip, Timeout.InfiniteTimeSpan),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Assert.That(SpinWait.SpinUntil(() =>
        {
            mining.Interrupt();
            return interrupted.IsCompleted;
        }, NodeFixture.Patience), Is.True);
        Assert.That(interrupted.Result, Is.Null);
    }

    [Test]
    public void What_the_node_tells_and_asks_reaches_the_user_interface()
    {
        ConcurrentQueue<string> said = [];
        using (IHandler init = _node.Node.Messages.OnInit(said.Enqueue))
        using (IHandler box = _node.Node.Messages.OnMessage((text, isError) => said.Enqueue($"{isError} {text}")))
        using (IHandler question = _node.Node.Messages.OnQuestion(text => text == "sure?"))
        {
            _node.Chain.InitMessage("starting");
            _node.Chain.InitWarning("careful");
            _node.Chain.InitError("broken");
            Assert.That(SpinWait.SpinUntil(() => said.Count == 3, NodeFixture.Patience), Is.True);
            Assert.That(
                (_node.Node.Messages.Ask("sure?"), _node.Node.Messages.Ask("really?")), Is.EqualTo((true, false)));
        }

        Assert.That(said, Is.EqualTo(new[] { "starting", "False careful", "True broken" }));
        Assert.That(_node.Node.Messages.Ask("sure?"), Is.False);
    }
}
