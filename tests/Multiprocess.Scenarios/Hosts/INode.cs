using System.Text.Json;
using System.Text.Json.Nodes;
using Multiprocess.Scenarios.Types;

namespace Multiprocess.Scenarios.Hosts;

[IpcUnion(0, typeof(KeyHash))]
[IpcUnion(1, typeof(ScriptHash))]
[IpcUnion(2, typeof(NoDestination))]
public abstract record Destination;

public sealed record KeyHash(Guid Hash) : Destination;

public sealed record ScriptHash(string Hash, int Version) : Destination;

public sealed record NoDestination : Destination;

public sealed record NodeStats(long Id, string Address, TimeSpan Ping);

public sealed record NodeStateStats(int Height, IReadOnlyList<int> InFlight);

public sealed record Migration(IWallet Wallet, IWallet? WatchOnly, string BackupPath);

public enum PsbtError
{
    MissingInputs,
    SighashMismatch,
}

[IpcInterface]
public interface IWallet : IDisposable
{
    string Name { get; }

    Dictionary<Destination, List<(OutPoint Point, Coin Coin, int Depth)>> ListCoins();

    long GetMinimumFee(int bytes, out int? returnedTarget, out FeeReason? reason);

    PsbtError? FillPsbt(bool sign, int? sighash, out long? signed, ref byte[] psbt, out bool isComplete);
}

[IpcInterface]
public interface IWalletLoader
{
    List<IWallet> GetWallets();

    IHandler HandleLoadWallet(Action<IWallet> loaded);

    Result<IWallet> CreateWallet(string name, SecretString passphrase, ulong flags, out List<string> warnings);

    Result<Migration> MigrateWallet(string name, [IpcSensitive] string passphrase);
}

[IpcInterface]
public interface INode
{
    IWalletLoader WalletLoader { get; }

    bool GetNodesStats(out List<(NodeStats Stats, bool HasState, NodeStateStats? State)> stats);

    IHandler HandleQuestion(Func<string, string, uint, bool> ask);

    bool Ask(string message);

    JsonNode? ExecuteRpc(string command, JsonElement parameters, string uri);
}

public sealed class Node : INode
{
    private Func<string, string, uint, bool>? _ask;

    public IWalletLoader WalletLoader { get; } = new WalletLoader();

    public bool GetNodesStats(out List<(NodeStats Stats, bool HasState, NodeStateStats? State)> stats)
    {
        stats =
        [
            (new NodeStats(
                1, "127.0.0.1:8333", TimeSpan.FromMilliseconds(5)), true, new NodeStateStats(100, [101, 102])),
            (new NodeStats(2, "[::1]:8333", TimeSpan.Zero), false, null),
        ];
        return true;
    }

    public IHandler HandleQuestion(Func<string, string, uint, bool> ask)
    {
        _ask = ask;
        return new Handler(() => _ask = null);
    }

    public bool Ask(string message) => _ask?.Invoke(message, "caption", 4_000_000_000) ?? false;

    public JsonNode? ExecuteRpc(string command, JsonElement parameters, string uri) => command switch
    {
        "echo" => JsonNode.Parse(parameters.GetRawText()),
        "uri" => JsonValue.Create(uri),
        "null" => null,
        _ => throw new RpcException(-32601, "Method not found: " + command),
    };
}

public sealed class WalletLoader : IWalletLoader
{
    private readonly List<IWallet> _wallets = [new Wallet("first"), new Wallet("second")];
    private Action<IWallet>? _loaded;

    public List<IWallet> GetWallets() => [.. _wallets];

    public IHandler HandleLoadWallet(Action<IWallet> loaded)
    {
        _loaded += loaded;
        return new Handler(() => _loaded -= loaded);
    }

    public Result<IWallet> CreateWallet(string name, SecretString passphrase, ulong flags, out List<string> warnings)
    {
        warnings = passphrase.Length < 8 ? ["The passphrase is short."] : [];
        if (_wallets.Any(known => known.Name == name))
        {
            return new Result<IWallet>(null, $"'{name}' exists.");
        }

        var wallet = new Wallet(name);
        _wallets.Add(wallet);
        _loaded?.Invoke(wallet);
        return new Result<IWallet>(wallet, null);
    }

    public Result<Migration> MigrateWallet(string name, string passphrase)
        => passphrase.Length == 0
            ? new Result<Migration>(null, "A passphrase is needed.")
            : new Result<Migration>(
                new Migration(new Wallet(name), new Wallet(name + "_watchonly"), $"/backups/{name}"), null);
}

public sealed class Wallet(string name) : IWallet
{
    public string Name => name;

    public Dictionary<Destination, List<(OutPoint Point, Coin Coin, int Depth)>> ListCoins() => new()
    {
        [new KeyHash(Guid.Empty)] = [(new OutPoint(Guid.Empty, 1), new Coin(5, 1, IsCoinbase: false), 6)],
        [new ScriptHash("ab", 1)] = [],
        [new NoDestination()] = [(default, new Coin(7, 2, IsCoinbase: true), 1)],
    };

    public long GetMinimumFee(int bytes, out int? returnedTarget, out FeeReason? reason)
    {
        returnedTarget = bytes > 100 ? 6 : null;
        reason = bytes > 100 ? FeeReason.Estimate : null;
        return bytes * 2;
    }

    public PsbtError? FillPsbt(bool sign, int? sighash, out long? signed, ref byte[] psbt, out bool isComplete)
    {
        signed = sign ? 1 : null;
        isComplete = sign && sighash is null;
        psbt = [.. psbt, 0xFF];
        return sighash is null ? null : PsbtError.SighashMismatch;
    }

    public void Dispose()
    {
    }
}
