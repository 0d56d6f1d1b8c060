using System.Text.Json.Nodes;

namespace Multiprocess.Scenarios.Hosts;

/// <summary>A bag of wanted outputs: what is asked for comes back in <see cref="FoundBlock"/>.</summary>
public sealed record WantedBlock
{
    public bool Height { get; init; }

    public bool Time { get; init; }

    public bool Data { get; init; }

    public WantedBlock? Next { get; init; }
}

public sealed record FoundBlock(int? Height, DateTimeOffset? Time, byte[]? Data, FoundBlock? Next);

public readonly record struct OutPoint(Guid Transaction, uint Index);

public sealed record Coin(long Amount, int Height, bool IsCoinbase);

[Flags]
public enum SettingsAction
{
    None = 0,
    Write = 1,
    SkipWrite = 2,
}

/// <summary>Changes a setting in place, and says what is to be done with it.</summary>
public delegate SettingsAction? UpdateSetting(ref JsonNode? value);

[IpcInterface]
public interface INotifications
{
    void TransactionAdded(Guid transaction);

    void BlockConnected(int height, FoundBlock block);

    Task FlushedAsync();
}

public sealed record RpcRequest(string Method, JsonNode? Parameters, IReadOnlyDictionary<string, string> Context);

/// <summary>A command that holds a function.</summary>
public sealed record RpcCommand(
    string Category, string Name, Func<RpcRequest, JsonNode?> Run, (string Name, bool IsRequired)[] Arguments);

[IpcFault]
public sealed class RpcException(int code, string message) : Exception(message)
{
    public int Code { get; } = code;
}

public enum FeeReason
{
    None,
    Estimate,
    Fallback,
}

[IpcInterface]
public interface IChain
{
    bool FindBlock(int height, WantedBlock wanted, out FoundBlock found);

    void FindCoins(ref Dictionary<OutPoint, Coin?> coins);

    bool UpdateRwSetting(string name, UpdateSetting update);

    JsonNode? GetSetting(string name);

    IHandler HandleNotifications(INotifications notifications);

    void Announce(int height);

    IHandler HandleRpc(RpcCommand command);

    JsonNode? Call(string name, JsonNode? parameters);

    void GetTransactionAncestry(
        Guid transaction, out long ancestors, out long descendants, out long? size, out decimal? fees);
}

public sealed class Chain : IChain
{
    private readonly Dictionary<string, JsonNode?> _settings = new() { ["wallet"] = new JsonArray("first") };
    private readonly List<INotifications> _listeners = [];
    private readonly Dictionary<string, RpcCommand> _commands = [];

    public bool FindBlock(int height, WantedBlock wanted, out FoundBlock found)
    {
        found = Find(height, wanted);
        return height < 3;
    }

    public void FindCoins(ref Dictionary<OutPoint, Coin?> coins)
    {
        foreach (var point in coins.Keys.ToArray())
        {
            coins[point] = point.Index == 0 ? new Coin(5_000_000_000, 1, IsCoinbase: true) : null;
        }
    }

    public bool UpdateRwSetting(string name, UpdateSetting update)
    {
        JsonNode? value = _settings.GetValueOrDefault(name)?.DeepClone();
        var action = update(ref value);
        if (action is null or SettingsAction.None)
        {
            return false;
        }

        _settings[name] = value;
        return action.Value.HasFlag(SettingsAction.Write);
    }

    public JsonNode? GetSetting(string name) => _settings.GetValueOrDefault(name);

    public IHandler HandleNotifications(INotifications notifications)
    {
        _listeners.Add(notifications);
        return new Handler(() => _listeners.Remove(notifications));
    }

    public void Announce(int height)
    {
        foreach (var listener in _listeners.ToArray())
        {
            listener.TransactionAdded(new Guid(height, 0, 0, new byte[8]));
            listener.BlockConnected(height, Find(height, new WantedBlock { Height = true, Data = true }));
            listener.FlushedAsync().Wait(TimeSpan.FromSeconds(30));
        }
    }

    public IHandler HandleRpc(RpcCommand command)
    {
        _commands.Add(command.Name, command);
        return new Handler(() => _commands.Remove(command.Name));
    }

    public JsonNode? Call(string name, JsonNode? parameters)
    {
        if (!_commands.TryGetValue(name, out var command))
        {
            throw new RpcException(-32601, "Method not found");
        }

        return command.Arguments.Any(argument => argument.IsRequired && parameters?[argument.Name] is null)
            ? throw new RpcException(-8, "Missing argument")
            : command.Run(new RpcRequest(name, parameters, new Dictionary<string, string> { ["uri"] = "/wallet/a" }));
    }

    public void GetTransactionAncestry(
        Guid transaction, out long ancestors, out long descendants, out long? size, out decimal? fees)
    {
        bool isKnown = transaction != Guid.Empty;
        ancestors = isKnown ? 2 : 0;
        descendants = isKnown ? 1 : 0;
        size = isKnown ? 250 : null;
        fees = isKnown ? 0.00001m : null;
    }

    private static FoundBlock Find(int height, WantedBlock wanted) => new(
        wanted.Height ? height : null,
        wanted.Time ? DateTimeOffset.UnixEpoch.AddMinutes(10 * height) : null,
        wanted.Data ? [(byte)height, 1, 2] : null,
        wanted.Next is { } next && height < 2 ? Find(height + 1, next) : null);
}
