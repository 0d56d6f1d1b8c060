using Multiprocess.Connections;
using Multiprocess.Diagnostics;
using Multiprocess.Generated;
using Multiprocess.Locks;
using Multiprocess.Objects;
using Multiprocess.Outgoing;
using Multiprocess.Threads;

namespace Multiprocess.Introspection;

/// <summary>
/// The answers of a server to a client that inspects its process. Created for each connection that asks. Thread-safe.
/// </summary>
/// <remarks>
/// Everything is looked up on request. Measurements and messages, which must be collected over time, are collected from
/// the first request for them to the end of the connection: a process that nobody inspects does no work. Answers
/// contain no argument or result, except the messages of <see cref="TraceAsync"/>, which leave out sensitive content.
/// </remarks>
internal sealed class ServerIntrospection
{
    /// <summary>Most rows in one answer.</summary>
    public const int MostRows = 10_000;

    // A creation stack has some kilobytes, and all of them together must fit into a message.
    private const int MostStackCharacters = 2 * 1024 * 1024;

    private readonly ContractBinding _contract;
    private readonly Lazy<CallMeasurements> _measurements;
    private readonly Lazy<MessageTrace> _trace;

    /// <param name="contract">The contract that the server serves to others.</param>
    /// <param name="connection">The connection that asks. Collecting for it stops when it ends.</param>
    public ServerIntrospection(ContractBinding contract, IpcConnection connection)
    {
        _contract = contract;
        _measurements = new(() => Until(connection, new CallMeasurements()));
        _trace = new(() => Until(connection, new MessageTrace()));
    }

    /// <summary>
    /// Returns what the server serves: the name, the fingerprint and the description of the contract.
    /// </summary>
    public object?[] Describe()
    {
        var description = new IpcDescription();
        description.Add(_contract);
        return [_contract.Name, _contract.Fingerprint, description.ToString()];
    }

    /// <summary>
    /// Returns facts about the process: id, program, version of the runtime library, age and processor time in
    /// milliseconds, threads, bytes.
    /// </summary>
    public static object?[] Process()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return
        [
            Environment.ProcessId,
            Text(Environment.ProcessPath),
            typeof(IpcServer).Assembly.GetName().Version?.ToString(3),
            (long)(DateTime.UtcNow - process.StartTime.ToUniversalTime()).TotalMilliseconds,
            (long)process.TotalProcessorTime.TotalMilliseconds,
            process.Threads.Count,
            ThreadPool.ThreadCount,
            process.WorkingSet64,
            GC.GetTotalMemory(forceFullCollection: false),
            GC.GetTotalAllocatedBytes(),
        ];
    }

    /// <summary>
    /// Returns the number of open connections of the process, over all its servers and clients, and the oldest ones, as
    /// many as requested.
    /// </summary>
    public static object?[] Connections(int most)
    {
        ConnectionCore[] open = Open();
        return [open.Length, Rows(open.Take(Bound(most)).Select(Row))];
    }

    /// <summary>
    /// Returns the number of live objects on all connections, the number per contract, and the oldest ones.
    /// </summary>
    public static object?[] Objects(int most)
    {
        var all = new List<(long Connection, IpcLiveObject Object)>();
        foreach (ConnectionCore connection in Open())
        {
            all.AddRange(connection.Channel.Owner.ListLiveObjects().Select(live => (connection.Number, live)));
        }

        int characters = 0;
        return
        [
            all.Count,
            Rows(all.GroupBy(entry => (entry.Object.Contract, entry.Object.IsExport))
                .OrderByDescending(group => group.Count())
                .Take(MostRows)
                .Select(group => new object?[] { group.Key.Contract, group.Key.IsExport, group.Count() })),
            Rows(all.OrderByDescending(entry => entry.Object.Age).Take(Bound(most)).Select(entry => new object?[]
            {
                entry.Connection,
                entry.Object.Contract,
                entry.Object.Handle,
                entry.Object.IsExport,
                entry.Object.Count,
                Milliseconds(entry.Object.Age),
                Stack(entry.Object.CreationStack, ref characters),
            })),
        ];
    }

    /// <summary>
    /// Returns who waits for whom: each thread with calls in progress and these calls, outermost first. Asynchronous
    /// calls have no thread.
    /// </summary>
    public static object?[] Calls(int most)
    {
        var rows = new List<object?[]>();
        var seen = new HashSet<CallStack>();
        foreach (ConnectionCore connection in Open())
        {
            HashSet<CallStack> stacks;
            using (Uninterruptible.Enter(connection.Channel.Threads.Gate))
            {
                stacks = connection.Channel.Threads.ListStacks();
            }

            rows.AddRange(
                stacks.Where(seen.Add).Select(stack => Chain(stack.Thread, stack.Copy())).OfType<object?[]>());
            rows.AddRange(
                UnansweredCall.List(connection.Channel)
                    .Where(call => call.Thread is null)
                    .Select(call => Chain(null, call.Stack))
                    .OfType<object?[]>());
            rows.AddRange(
                (connection.Channel.PeerCalls.Running?.Copy() ?? [])
                    .Select(call => Chain(null, [call]))
                    .OfType<object?[]>());
        }

        return [rows.Count, Rows(rows.Take(Bound(most)))];
    }

    /// <summary>
    /// Returns the cost of calls since the connection first asked, by contract, method, side and outcome.
    /// </summary>
    public object?[] Metrics() => _measurements.Value.Read();

    /// <summary>
    /// Returns the next messages of other connections; waits until there is one. Messages sent before the first request
    /// are not kept.
    /// </summary>
    public Task<object?[]> TraceAsync(int most, CancellationToken cancellationToken)
        => _trace.Value.TakeAsync(Bound(most), cancellationToken);

    /// <summary>The open connections, oldest first.</summary>
    private static ConnectionCore[] Open()
    {
        ConnectionCore[] open = LiveConnections.List(out _);
        Array.Sort(open, static (one, other) => one.Number.CompareTo(other.Number));
        return open;
    }

    private static T Until<T>(IpcConnection connection, T collected) where T : IDisposable
    {
        connection.Closed.UnsafeRegister(static state => ((IDisposable)state!).Dispose(), collected);
        return collected;
    }

    private static object?[] Row(ConnectionCore connection)
    {
        TransferTotals transferred = connection.Transferred;
        IpcConnection owner = connection.Channel.Owner;
        return
        [
            connection.Number,
            Text(connection.Description),
            connection.Peer.ProcessId,
            connection.Peer.UserId,
            connection.Serves,
            connection.Wants,
            Milliseconds(connection.Age),
            owner.LiveExports,
            owner.LiveImports,
            owner.WorkerThreads,
            owner.ClientThreads,
            owner.CallsInFlight,
            transferred.BytesSent,
            transferred.BytesReceived,
            transferred.MessagesSent,
            transferred.MessagesReceived,
        ];
    }

    private static object?[]? Chain(Thread? thread, CallStep[] steps)
        => steps.Length == 0
            ? null
            : [CallReport.NameOf(thread) is { } name ? Text(name) : null, Rows(Ends(steps).Select(step => new object?[]
            {
                step.Connection.Number,
                step.Connection.Peer.ProcessId,
                step.Request,
                step.MethodName,
                step.IsOutgoing,
                CallReport.Age(step) is { } age ? Milliseconds(age) : null,
            }))];

    /// <summary>A chain may be a thousand calls deep: its two ends are enough.</summary>
    private static IEnumerable<CallStep> Ends(CallStep[] steps)
        => steps.Length <= 20 ? steps : [.. steps[..5], .. steps[^15..]];

    private static string? Stack(string? stack, ref int characters)
    {
        if (stack is null || characters > MostStackCharacters)
        {
            return null;
        }

        characters += stack.Length;
        return IpcText.EscapeLines(stack);
    }

    private static int Bound(int most) => Math.Clamp(most, 0, MostRows);

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;

    private static string? Text(string? text) => text is null ? null : IpcText.Escape(text);

    private static object?[] Rows(IEnumerable<object?[]> rows) => [.. rows];
}
