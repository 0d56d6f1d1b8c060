using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using Bitcoin.Wallet.Storage;
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Wallet.Rpc;

/// <summary>The JSON-RPC methods of wallets, and their common parts.</summary>
internal sealed class WalletRpc(WalletLoader loader, IChain chain)
{
    private const string Category = "Wallet";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_moment = TimeSpan.FromSeconds(1);

    internal WalletLoader Loader => loader;

    internal IChain Chain => chain;

    internal NetworkParameters Network => loader.Network;

    internal IEnumerable<RpcCommand> All =>
    [
        .. new LoadCommands(this).All,
        .. new AddressCommands(this).All,
        .. new CoinCommands(this).All,
        .. new TransactionCommands(this).All,
        .. new ReceivedCommands(this).All,
        .. new RescanCommands(this).All,
        .. new EncryptionCommands(this).All,
        .. new KeyCommands(this).All,
        .. new ImportCommands(this).All,
        .. new SendCommands(this).All,
        .. new PsbtCommands(this).All,
    ];

    /// <summary>A method of one wallet.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="arguments">
    /// Its arguments in the form of <see cref="ArgumentList"/>, as in "label:text? address_type:text?".
    /// </param>
    /// <param name="help">Its description.</param>
    /// <param name="run">Runs it.</param>
    internal RpcCommand Of(string name, string arguments, string help, Func<DescriptorWallet, RpcCall, JsonNode?> run)
    {
        return new RpcCommand(
            Category,
            name,
            ArgumentList.Parse(arguments),
            help,
            call => Guard(() => run(Find(call), call.Revealed())),
            RpcScope.Wallet);
    }

    /// <summary>
    /// A method of one wallet. It runs with the wallet's gate held, after the wallet has seen the tip of the chain.
    /// </summary>
    internal RpcCommand Synced(
        string name, string arguments, string help, Func<DescriptorWallet, RpcCall, JsonNode?> run)
    {
        return Of(name, arguments, help, (wallet, call) =>
        {
            Sync(wallet);
            lock (wallet.Gate)
            {
                return run(Open(wallet), call);
            }
        });
    }

    /// <summary>
    /// A method of one wallet that reports the wallet's last block. It runs with the wallet's gate held, and waits only
    /// a moment for a wallet that is behind the chain.
    /// </summary>
    internal RpcCommand Told(string name, string arguments, string help, Func<DescriptorWallet, RpcCall, JsonNode?> run)
    {
        return Of(name, arguments, help, (wallet, call) =>
        {
            loader.Wallets.WaitForTip(wallet, s_moment);
            lock (wallet.Gate)
            {
                return run(Open(wallet), call);
            }
        });
    }

    /// <summary>A method of one wallet. It runs with the wallet's gate held.</summary>
    internal RpcCommand Held(string name, string arguments, string help, Func<DescriptorWallet, RpcCall, JsonNode?> run)
    {
        return Of(name, arguments, help, (wallet, call) =>
        {
            lock (wallet.Gate)
            {
                return run(Open(wallet), call);
            }
        });
    }

    internal static RpcCommand Plain(
        string name, string arguments, string help, RpcActor run, RpcScope scope = RpcScope.First)
        => new(Category, name, ArgumentList.Parse(arguments), help, call => Guard(() => run(call.Revealed())), scope);

    /// <summary>A method whose result may contain private keys: who can wipe it gets it as text.</summary>
    internal static RpcCommand Secret(RpcCommand command)
        => command with { SecretActor = call => new SecretString(JsonText.Compact(command.Actor(call))) };

    internal DescriptorWallet Find(RpcCall call)
    {
        if (call.WalletName() is { } name)
        {
            return Find(name);
        }

        return loader.Wallets.All switch
        {
            [DescriptorWallet only] => only,
            []
                => throw new RpcException(
                    RpcErrorCode.WalletNotFound,
                    "No wallet is loaded. Load a wallet using loadwallet or create a new one with createwallet. (Note: "
                        + "A default wallet is no longer automatically created)"),
            _ => throw RpcErrors.WalletNotSpecified(),
        };
    }

    internal DescriptorWallet Find(string name)
    {
        return loader.Wallets.All.Find(wallet => wallet.Name == name)
            ?? throw new RpcException(RpcErrorCode.WalletNotFound, "Requested wallet does not exist or is not loaded");
    }

    /// <summary>Waits until the wallet has seen the tip of the chain that the caller can see.</summary>
    internal void Sync(DescriptorWallet wallet)
    {
        // Waits for this wallet only: other listeners of the chain may be stuck.
        if (wallet.Interface.GetLastBlock().Hash != chain.GetTipHash()
            && !loader.Wallets.WaitForTip(wallet, s_patience))
        {
            throw new RpcException(
                RpcErrorCode.Wallet,
                $"The wallet has not been told of the last blocks within {s_patience.TotalSeconds} seconds.");
        }
    }

    internal static void MustBeUnlocked(DescriptorWallet wallet)
    {
        if (wallet.Keys.Vault.IsLocked)
        {
            throw new RpcException(
                RpcErrorCode.WalletUnlockNeeded,
                "Error: Please enter the wallet passphrase with walletpassphrase first.");
        }
    }

    internal static JsonObject LastBlock(DescriptorWallet wallet) => new()
    {
        ["hash"] = wallet.Ledger.Tip.Hash.ToString(),
        ["height"] = wallet.Ledger.Tip.Height,
    };

    internal string? AddressOf(Script script) => Address.Format(script, Network);

    internal Script ScriptOf(string address, string? failure = null)
    {
        return Address.TryParse(address, Network, out Script? script)
            ? script
            : throw new RpcException(
                RpcErrorCode.InvalidAddressOrKey, failure ?? $"Invalid {Currency.Names.Currency} address");
    }

    internal JsonArray Parents(DescriptorWallet wallet, Script script)
        => Args.Strings(wallet.Keys.Owners(script).Select(static owner => owner.PublicText));

    internal static bool AvoidsReuse(DescriptorWallet wallet, JsonNode? given)
    {
        bool can = wallet.Has(WalletFlags.AvoidReuse);
        bool avoids = given is null ? can : RpcValues.Bool(given);
        return avoids && !can
            ? throw new RpcException(RpcErrorCode.Wallet, "wallet does not have the \"avoid reuse\" feature enabled")
            : avoids;
    }

    /// <summary>
    /// Reads a transaction. One without inputs can be mistaken for one with witnesses, so both forms are tried.
    /// </summary>
    internal Transaction Transaction(string hex, string failure, bool? isWitness = null)
    {
        TransactionOptions[] forms = isWitness switch
        {
            true => [TransactionOptions.All],
            false => [TransactionOptions.None],
            _ => [TransactionOptions.All, TransactionOptions.None],
        };
        byte[] bytes = hex.All(char.IsAsciiHexDigit) && hex.Length % 2 == 0 ? Convert.FromHexString(hex) : [];
        foreach (TransactionOptions form in forms)
        {
            try
            {
                Transaction transaction = Network.Network.CreateTransaction();
                using MemoryStream stream = new(bytes);
                transaction.ReadWrite(new BitcoinStream(stream, serializing: false)
                {
                    TransactionOptions = form,
                    ConsensusFactory = Network.Network.Consensus.ConsensusFactory,
                });
                if (stream.Position == stream.Length
                    && (form == TransactionOptions.None || transaction.Inputs.Count > 0))
                {
                    return transaction;
                }
            }
            catch (Exception exception) when (exception is FormatException
                or ArgumentException
                or EndOfStreamException
                or OverflowException
                or InvalidOperationException)
            {
                // Try the other form.
            }
        }

        throw new RpcException(RpcErrorCode.Deserialization, failure);
    }

    private static DescriptorWallet Open(DescriptorWallet wallet)
        => wallet.IsClosed
            ? throw new RpcException(RpcErrorCode.WalletNotFound, "Requested wallet does not exist or is not loaded")
            : wallet;

    private static JsonNode? Guard(Func<JsonNode?> run)
    {
        try
        {
            return run();
        }
        catch (WalletFileException exception)
        {
            throw new RpcException(RpcErrorCode.Wallet, exception.Message);
        }
        catch (InvalidDataException exception)
        {
            throw new RpcException(RpcErrorCode.Misc, exception.Message);
        }
    }
}
