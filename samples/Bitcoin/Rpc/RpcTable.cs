using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Bitcoin.Interfaces;

namespace Bitcoin.Rpc;

/// <summary>
/// The methods that clients can call, whichever process runs them. Thread-safe.
/// </summary>
/// <remarks>
/// Several processes may have a method of the same name, as wallet processes do. The method's <see cref="RpcScope"/>
/// decides which of them runs a call. If several can, they are asked in the order of their registration. A process that
/// is gone is skipped: its methods leave the table shortly after its end.
/// </remarks>
public sealed class RpcTable
{
    private ImmutableDictionary<string, ImmutableList<RpcCommand>> _commands =
        ImmutableDictionary<string, ImmutableList<RpcCommand>>.Empty;
    private readonly RpcScopes _scopes;
    private ImmutableList<Active> _active = [];
    private ImmutableHashSet<string> _waiting = [];

    // Null once the program has started.
    private volatile string? _warmup;

    /// <summary>Creates an empty table.</summary>
    public RpcTable()
        => _scopes = new RpcScopes(
            name => _commands.GetValueOrDefault(name) ?? [], exception => IsDisconnection(exception));

    /// <summary>
    /// Whether an exception means that the process that runs the method is gone. The default is always false.
    /// </summary>
    public Func<Exception, bool> IsDisconnection { get; set; } = static _ => false;

    /// <summary>The step of the program's start, the only answer to clients until it is null.</summary>
    public string? Warmup
    {
        get => _warmup;
        set => _warmup = value;
    }

    /// <summary>The names of all methods, sorted.</summary>
    public string[] Names => [.. _commands.Keys.Order(StringComparer.Ordinal)];

    /// <summary>All methods, each name once.</summary>
    public IEnumerable<RpcCommand> Commands => _commands.Values.Select(static commands => commands[0]);

    /// <summary>The running methods, and for how long they run.</summary>
    public IEnumerable<(string Method, TimeSpan Duration)> Running
        => _active.Select(static active => (active.Method, Stopwatch.GetElapsedTime(active.Start)));

    /// <summary>Adds a method until the handler is disconnected.</summary>
    /// <param name="command">The method.</param>
    /// <param name="waits">
    /// Whether the method waits for something, or for another process. A server runs such methods apart from short
    /// ones.
    /// </param>
    public IHandler Register(RpcCommand command, bool waits = false)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (waits)
        {
            // Never removed: the next process with this method waits as well.
            ImmutableInterlocked.Update(ref _waiting, static (names, name) => names.Add(name), command.Name);
        }

        ImmutableInterlocked.AddOrUpdate(
            ref _commands, command.Name, _ => [command], (_, commands) => commands.Add(command));
        return new Registration(this, command);
    }

    /// <summary>The first method of a name; null if there is none.</summary>
    public RpcCommand? Find(string name) => _commands.GetValueOrDefault(name)?[0];

    /// <summary>Whether a method of this name waits for something, or for another process.</summary>
    public bool Waits(string name) => _waiting.Contains(name);

    /// <summary>Runs a method on the calling thread.</summary>
    /// <param name="method">The method.</param>
    /// <param name="parameters">An array, an object of named arguments, or null.</param>
    /// <param name="uri">The path: "/", or "/wallet/name".</param>
    /// <param name="user">The user who asks.</param>
    /// <exception cref="RpcException">Any failure.</exception>
    public JsonNode? Execute(string method, JsonNode? parameters, string uri, string user)
        => Execute(method, parameters, null, uri, user, wipes: false).Node;

    /// <summary>The same for a caller who may have secret arguments apart.</summary>
    /// <param name="method">The method.</param>
    /// <param name="parameters">An array, an object of named arguments, or null.</param>
    /// <param name="secrets">The arguments that stand apart; null for none.</param>
    /// <param name="uri">The path: "/", or "/wallet/name".</param>
    /// <param name="user">The user who asks.</param>
    /// <param name="wipes">Whether the caller disposes a secret result.</param>
    internal RpcResult Execute(
        string method, JsonNode? parameters, SecretArgument[]? secrets, string uri, string user, bool wipes)
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
            return _scopes.Execute(commands, new RpcRequest(method, parameters, secrets, uri, user, wipes));
        }
        finally
        {
            ImmutableInterlocked.Update(ref _active, static (list, gone) => list.Remove(gone), active);
        }
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

            // By reference: two processes may register equal commands.
            commands = commands.RemoveAll(other => ReferenceEquals(other, command));
            ImmutableDictionary<string, ImmutableList<RpcCommand>> after = commands.IsEmpty
                ? before.Remove(command.Name)
                : before.SetItem(command.Name, commands);
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
