using Multiprocess.Incoming;
using Multiprocess.Threads;

namespace Multiprocess.Calls;

/// <summary>
/// The state of one physical thread on one connection: the logical thread it began there, and the call it runs.
/// </summary>
/// <remarks>Touched only by its physical thread.</remarks>
internal sealed class ThreadBinding
{
    [ThreadStatic]
    private static ThreadBinding? t_latest;

    private readonly ThreadMap _map;
    private ThreadBinding? _others;

    private ThreadBinding(ThreadMap map) => _map = map;

    /// <summary>The logical thread that this thread began; null until it makes a call of its own.</summary>
    public LogicalThread? Own { get; set; }

    /// <summary>The innermost call of the peer that this thread runs now.</summary>
    public AcceptedCall? Running { get; set; }

    /// <summary>The calls in progress on the thread, on all connections.</summary>
    public CallStack Stack { get; } = CallStack.Current;

    /// <summary>Unused buffers of this thread, for reuse.</summary>
    public CallBuffer? Buffers { get; set; }

    /// <summary>The calling thread's binding on a connection.</summary>
    public static ThreadBinding Of(ThreadMap map)
    {
        ThreadBinding? latest = t_latest;
        return latest is not null && latest._map == map ? latest : Find(map);
    }

    private static ThreadBinding Find(ThreadMap map)
    {
        // Most recently used first. Links to closed connections are dropped on the way, so that these can be collected.
        ThreadBinding? found = null;
        ThreadBinding? kept = null;
        ThreadBinding? next;
        for (ThreadBinding? binding = t_latest; binding is not null; binding = next)
        {
            next = binding._others;
            if (binding._map == map)
            {
                found = binding;
            }
            else if (!binding._map.IsClosed)
            {
                binding._others = kept;
                kept = binding;
            }
        }

        found ??= new ThreadBinding(map);
        found._others = kept;
        t_latest = found;
        return found;
    }
}
