using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Bitcoin.Interfaces;

namespace Bitcoin.Rpc;

/// <summary>The methods that clients can call, whichever process runs them. Any thread may call, register and take away.</summary>
/// <remarks>
/// Several processes may have a method of the same name: wallets do. They are asked in the order in which they came, until
/// one does not answer that it lacks the wallet in question. One that fails without an error for clients is taken for gone:
/// its methods leave the table a moment after its process has ended.
/// </remarks>
public sealed class RpcTable
{
    private ImmutableDictionary<string, ImmutableList<RpcCommand>> _commands = ImmutableDictionary<string, ImmutableList<RpcCommand>>.Empty;
    private ImmutableList<Active> _active = [];

    // A null reference means that the program has started.
    private volatile string? _warmup;

    /// <summary>What the program is doing while it starts: all that clients are told until it is null.</summary>
    public string? Warmup
    {
        get => _warmup;
        set => _warmup = value;
    }

    /// <summary>The names of all methods, sorted.</summary>
    public string[] Names => [.. _commands.Keys.Order(StringComparer.Ordinal)];

    /// <summary>All methods, each name once.</summary>
    public IEnumerable<RpcCommand> Commands => _commands.Values.Select(static commands => commands[0]);

    /// <summary>The methods that run now, and since when.</summary>
    public IEnumerable<(string Method, TimeSpan Duration)> Running => _active.Select(static active => (active.Method, Stopwatch.GetElapsedTime(active.Start)));

    /// <summary>Adds a method until the handler is disconnected.</summary>
    public IHandler Register(RpcCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        ImmutableInterlocked.AddOrUpdate(ref _commands, command.Name, _ => [command], (_, commands) => commands.Add(command));
        return new Registration(this, command);
    }

    /// <summary>The first method of a name; null for none.</summary>
    public RpcCommand? Find(string name) => _commands.GetValueOrDefault(name)?[0];

    /// <summary>Runs a method on the calling thread.</summary>
    /// <param name="method">The method.</param>
    /// <param name="parameters">An array, an object of named arguments, or null.</param>
    /// <param name="uri">The path: "/", or "/wallet/name".</param>
    /// <param name="user">Who asks.</param>
    /// <exception cref="RpcException">Whatever went wrong.</exception>
    public JsonNode? Execute(string method, JsonNode? parameters, string uri, string user)
    {
        if (Warmup is { } status)
        {
            throw new RpcException(RpcErrorCode.InWarmup, status);
        }

        if (!_commands.TryGetValue(method, out ImmutableList<RpcCommand>? commands))
        {
            throw new RpcException(RpcErrorCode.MethodNotFound, "Method not found");
        }

        Active active = new(method, Stopwatch.GetTimestamp());
        ImmutableInterlocked.Update(ref _active, static (list, added) => list.Add(added), active);
        try
        {
            return Execute(commands, method, parameters, uri, user);
        }
        finally
        {
            ImmutableInterlocked.Update(ref _active, static (list, gone) => list.Remove(gone), active);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "A method may throw anything, also because its process is gone; the client gets it as an error.")]
    private static JsonNode? Execute(ImmutableList<RpcCommand> commands, string method, JsonNode? parameters, string uri, string user)
    {
        RpcException? failure = null;
        for (int i = 0; i < commands.Count; i++)
        {
            bool isLast = i == commands.Count - 1;
            try
            {
                return commands[i].Actor(new RpcCall(method, RpcArguments.Bind(commands[i], parameters), uri, user, isLast));
            }
            catch (RpcException exception) when (exception.Code == RpcErrorCode.WalletNotFound)
            {
                // Another process may have it. One that failed knows more than one that never had it.
                failure = failure is null || failure.Code == RpcErrorCode.WalletNotFound ? exception : failure;
            }
            catch (Exception exception) when (exception is not RpcException)
            {
                failure = new RpcException(RpcErrorCode.Misc, exception.Message);
            }
        }

        throw failure!;
    }

    private void Remove(RpcCommand command)
    {
        while (true)
        {
            ImmutableDictionary<string, ImmutableList<RpcCommand>> before = _commands;
            if (!before.TryGetValue(command.Name, out ImmutableList<RpcCommand>? commands))
            {
                return;
            }

            // By reference: two processes may register what is equal.
            commands = commands.RemoveAll(other => ReferenceEquals(other, command));
            ImmutableDictionary<string, ImmutableList<RpcCommand>> after = commands.IsEmpty ? before.Remove(command.Name) : before.SetItem(command.Name, commands);
            if (ReferenceEquals(Interlocked.CompareExchange(ref _commands, after, before), before))
            {
                return;
            }
        }
    }

    private sealed record Active(string Method, long Start);

    private sealed class Registration(RpcTable table, RpcCommand command) : IHandler
    {
        public void Disconnect() => table.Remove(command);

        public void Dispose() => Disconnect();
    }
}
