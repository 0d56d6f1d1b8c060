using System.Text.Json;
using System.Text.Json.Nodes;
using Multiprocess.Scenarios.Harness;

namespace Multiprocess.Scenarios.Hosts;

/// <summary>The methods of a node and its wallet that are hard to carry.</summary>
public static class HostScenarios
{
    private static readonly Guid s_transaction = new("00112233-4455-6677-8899-aabbccddeeff");

    public static void FindBlock_fills_what_is_wanted(IWorkshop workshop, Notes notes)
    {
        var chain = workshop.Init().Chain;
        var everything =
            new WantedBlock { Height = true, Time = true, Data = true, Next = new WantedBlock { Height = true } };
        notes.Add("found", chain.FindBlock(1, everything, out var found));
        notes.Add("block", found);
        notes.Add("not found", chain.FindBlock(9, new WantedBlock { Time = true }, out found));
        notes.Add("block", found);
    }

    public static void FindCoins_changes_the_map(IWorkshop workshop, Notes notes)
    {
        var coins = new Dictionary<OutPoint, Coin?>
        {
            [new(s_transaction, 0)] = null,
            [new(s_transaction, 1)] = new Coin(1, 2, IsCoinbase: false),
        };
        workshop.Init().Chain.FindCoins(ref coins);
        notes.Add("coins", coins);
    }

    public static void UpdateRwSetting_runs_a_function_with_an_in_out_argument(IWorkshop workshop, Notes notes)
    {
        var chain = workshop.Init().Chain;
        notes.Add("written", chain.UpdateRwSetting("wallet", (ref JsonNode? value) =>
        {
            notes.Add("before", value);
            value!.AsArray().Add((JsonNode?)"second");
            return SettingsAction.Write;
        }));
        notes.Add("after", chain.GetSetting("wallet"));
        notes.Add("nothing to do", chain.UpdateRwSetting("wallet", (ref JsonNode? value) => null));
        notes.Add("removed", chain.UpdateRwSetting("wallet", (ref JsonNode? value) =>
        {
            value = null;
            return SettingsAction.SkipWrite;
        }));
        notes.Add("none", chain.GetSetting("wallet"));
    }

    public static void HandleNotifications_stores_a_listener_and_returns_a_handler(IWorkshop workshop, Notes notes)
    {
        var chain = workshop.Init().Chain;
        using (var handler = chain.HandleNotifications(new Listener(notes)))
        {
            chain.Announce(1);
            handler.Disconnect();
            chain.Announce(2);
        }

        notes.Add("end", true);
    }

    public static void HandleRpc_takes_a_command_that_holds_a_function(IWorkshop workshop, Notes notes)
    {
        var chain = workshop.Init().Chain;
        var command = new RpcCommand("wallet", "getbalance", Answer, [("account", true)]);
        using (chain.HandleRpc(command))
        {
            notes.Add("answer", chain.Call("getbalance", new JsonObject { ["account"] = "a" }));
            notes.Thrown("missing", () => chain.Call("getbalance", null));
            notes.Thrown("typed", () => chain.Call("getbalance", new JsonObject { ["account"] = "locked" }));
        }

        notes.Thrown("gone", () => chain.Call("getbalance", null));

        JsonNode? Answer(RpcRequest request)
        {
            notes.Add("request", (request.Method, request.Parameters, request.Context["uri"]));
            return request.Parameters!["account"]!.GetValue<string>() == "locked"
                ? throw new RpcException(-13, "Unlock it first.")
                : JsonValue.Create(1.5);
        }
    }

    public static void GetTransactionAncestry_has_outputs_that_may_be_missing(IWorkshop workshop, Notes notes)
    {
        var chain = workshop.Init().Chain;
        chain.GetTransactionAncestry(
            s_transaction, out long ancestors, out long descendants, out long? size, out decimal? fees);
        notes.Add("known", (ancestors, descendants, size, fees));
        chain.GetTransactionAncestry(Guid.Empty, out ancestors, out descendants, out size, out fees);
        notes.Add("unknown", (ancestors, descendants, size, fees));
    }

    public static void WalletLoader_and_GetWallets_return_references(IWorkshop workshop, Notes notes)
    {
        var loader = workshop.Init().Node.WalletLoader;
        var wallets = loader.GetWallets();
        notes.Add("names", wallets.Select(wallet => wallet.Name).ToArray());
        notes.Add("same again", ReferenceEquals(loader.GetWallets()[0], wallets[0]));
    }

    public static void CreateWallet_takes_a_secret_and_tells_HandleLoadWallet(IWorkshop workshop, Notes notes)
    {
        var loader = workshop.Init().Node.WalletLoader;
        IWallet? loaded = null;
        using var handler = loader.HandleLoadWallet(wallet => loaded = wallet);
        using var secret = new SecretString("hunter2");
        var created = loader.CreateWallet("third", secret, 1UL << 63, out var warnings);
        notes.Add("created", (created.Value!.Name, created.Error, ReferenceEquals(created.Value, loaded)));
        notes.Add("warnings", warnings);
        var again = loader.CreateWallet("third", secret, 0, out warnings);
        notes.Add("again", (again.Value, again.Error));
    }

    public static void MigrateWallet_returns_references_inside_a_result(IWorkshop workshop, Notes notes)
    {
        var loader = workshop.Init().Node.WalletLoader;
        var done = loader.MigrateWallet("old", "hunter2");
        notes.Add("done", (done.Value!.Wallet.Name, done.Value.WatchOnly!.Name, done.Value.BackupPath, done.Error));
        notes.Add("failed", loader.MigrateWallet("old", ""));
    }

    public static void ListCoins_has_variants_as_keys_and_tuples_as_values(IWorkshop workshop, Notes notes)
    {
        var coins = workshop.Init().Node.WalletLoader.GetWallets()[0].ListCoins();
        notes.Add("coins", coins);
        notes.Add("found", coins[new NoDestination()][0].Coin.Amount);
    }

    public static void GetMinimumFee_and_FillPsbt_have_optional_outputs(IWorkshop workshop, Notes notes)
    {
        var wallet = workshop.Init().Node.WalletLoader.GetWallets()[0];
        foreach (int bytes in new[] { 10, 1000 })
        {
            long fee = wallet.GetMinimumFee(bytes, out int? target, out FeeReason? reason);
            notes.Add("fee", (fee, target, reason));
        }

        byte[] psbt = [1];
        foreach (var (sign, sighash) in new (bool, int?)[] { (true, null), (false, 3) })
        {
            var error = wallet.FillPsbt(sign, sighash, out long? signed, ref psbt, out bool isComplete);
            notes.Add("psbt", (error, signed, psbt, isComplete));
        }
    }

    public static void GetNodesStats_gives_a_list_of_triples(IWorkshop workshop, Notes notes)
    {
        notes.Add("has stats", workshop.Init().Node.GetNodesStats(out var stats));
        notes.Add("stats", stats);
    }

    public static void HandleQuestion_asks_a_function_that_answers(IWorkshop workshop, Notes notes)
    {
        var node = workshop.Init().Node;
        using (node.HandleQuestion((message, caption, style) => message == caption || style == 4_000_000_000))
        {
            notes.Add("asked", node.Ask("sure?"));
        }

        notes.Add("nobody", node.Ask("sure?"));
    }

    public static void ExecuteRpc_takes_and_gives_JSON(IWorkshop workshop, Notes notes)
    {
        var node = workshop.Init().Node;
        var parameters = JsonElement.Parse("""{"a":[1,2.50,null,{"b":"ü"}]}""");
        notes.Add("echo", node.ExecuteRpc("echo", parameters, "/"));
        notes.Add("uri", node.ExecuteRpc("uri", parameters, "/wallet/a"));
        notes.Add("null", node.ExecuteRpc("null", parameters, "/"));
        notes.Thrown("unknown", () => node.ExecuteRpc("x", parameters, "/"));
    }

    public static async Task WaitNext_blocks_until_a_block_an_interrupt_or_the_time(IWorkshop workshop, Notes notes)
    {
        var mining = workshop.Init().Mining;
        using var template = mining.CreateNewBlock();
        notes.Add("template", (template.Height, template.Header));
        notes.Add("out of time", template.WaitNext(new WaitOptions(TimeSpan.FromMilliseconds(1))));

        var interrupted = Task.Factory.StartNew(
            () => template.WaitNext(new WaitOptions()), TaskCreationOptions.LongRunning);
        await Until(() => template.IsWaiting);
        template.InterruptWait();
        notes.Add("interrupted", await interrupted);

        var next = Task.Factory.StartNew(() => template.WaitNext(new WaitOptions()), TaskCreationOptions.LongRunning);
        await Until(() => template.IsWaiting);
        mining.Connect();
        notes.Add("next", (await next)!.Height);
    }

    private static async Task Until(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private sealed class Listener(Notes notes) : INotifications
    {
        public void TransactionAdded(Guid transaction) => notes.Add("transaction", transaction);

        public void BlockConnected(int height, FoundBlock block) => notes.Add("block", (height, block));

        public async Task FlushedAsync()
        {
            await Task.Yield();
            notes.Add("flushed", true);
        }
    }
}
