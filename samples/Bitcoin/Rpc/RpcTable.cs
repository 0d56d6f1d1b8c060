using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Bitcoin.Interfaces;

namespace Bitcoin.Rpc;

/// <summary>
/// The methods that clients can call, whichever process runs them. Any thread may call, register and take away.
/// </summary>
/// <remarks>
/// Several processes may have a method of the same name: wallets do. Which of them runs a call is the method's
/// <see cref="RpcScope"/>; where several come into question they are asked in the order in which they came. One that is
/// gone is passed over: its methods leave the table a moment after its process has ended.
/// </remarks>
public sealed class RpcTable
{
    private ImmutableDictionary<string, ImmutableList<RpcCommand>> _commands =
        ImmutableDictionary<string, ImmutableList<RpcCommand>>.Empty;
    private readonly RpcScopes _scopes;
    private ImmutableList<Active> _active = [];
    private ImmutableHashSet<string> _waiting = [];

    // A null reference means that the program has started.
    private volatile string? _warmup;

    /// <summary>A table without methods.</summary>
    public RpcTable()
        => _scopes = new RpcScopes(
            name => _commands.GetValueOrDefault(name) ?? [], exception => IsDisconnection(exception));

    /// <summary>
    /// Whether a call failed with this because the process that runs the method is gone. By default nothing says so.
    /// </summary>
    public Func<Exception, bool> IsDisconnection { get; set; } = static _ => false;

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
    public IEnumerable<(string Method, TimeSpan Duration)> Running
        => _active.Select(static active => (active.Method, Stopwatch.GetElapsedTime(active.Start)));

    /// <summary>Adds a method until the handler is disconnected.</summary>
    /// <param name="command">The method.</param>
    /// <param name="waits">
    /// Whether it waits for something to happen, or for another process: a server runs it apart from those that are
    /// done in a moment.
    /// </param>
    public IHandler Register(RpcCommand command, bool waits = false)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (waits)
        {
            // For good: whoever has the method next waits as well.
            ImmutableInterlocked.Update(ref _waiting, static (names, name) => names.Add(name), command.Name);
        }

        ImmutableInterlocked.AddOrUpdate(
            ref _commands, command.Name, _ => [command], (_, commands) => commands.Add(command));
        return new Registration(this, command);
    }

    /// <summary>The first method of a name; null for none.</summary>
    public RpcCommand? Find(string name) => _commands.GetValueOrDefault(name)?[0];

    /// <summary>Whether a method of this name waits for something to happen, or for another process.</summary>
    public bool Waits(string name) => _waiting.Contains(name);

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
            return _scopes.Execute(commands, method, parameters, uri, user);
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

            // By reference: two processes may register what is equal.
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
