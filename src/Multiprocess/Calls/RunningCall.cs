using System.Diagnostics;
using Multiprocess.Threads;

namespace Multiprocess.Calls;

/// <summary>A call of the peer that a thread of this side runs now.</summary>
/// <remarks>Kept for one nesting level of a thread and reused; touched only by the thread that runs the call.</remarks>
internal sealed class RunningCall
{
    [ThreadStatic]
    private static RunningCall? t_innermost;

    private RunningCall? _outerOfThread;

    /// <summary>The innermost call that the calling thread runs, on any connection.</summary>
    public static RunningCall? Innermost => t_innermost;

    /// <summary>The logical thread on which the call came; null for a call that runs on the thread pool.</summary>
    public LogicalThread? Thread { get; private set; }

    /// <summary>The peer's request number.</summary>
    public long Request { get; private set; }

    /// <summary>
    /// True for a call without an answer: it takes its turn on the worker, but calls made inside it are not part of the
    /// caller's stack.
    /// </summary>
    public bool IsOneWay { get; private set; }

    /// <summary>The call in which this one is nested on the same connection.</summary>
    public RunningCall? Outer { get; private set; }

    /// <summary>Number of calls of the peer that run on this thread and connection, including this one.</summary>
    public int Depth { get; private set; }

    /// <summary>The context that the method reads about its caller; created on first use.</summary>
    public IpcCallContext? Context { get; set; }

    /// <summary>Creates the context when the method first asks for it.</summary>
    public Func<RunningCall, IpcCallContext>? ContextFactory { get; private set; }

    /// <summary>Cancelled when the caller cancels. Null for a call that cannot be cancelled.</summary>
    public CancellationTokenSource? Cancellation { get; private set; }

    public void Begin(
        LogicalThread? thread,
        long request,
        bool isOneWay,
        RunningCall? outer,
        CancellationTokenSource? cancellation,
        Func<RunningCall, IpcCallContext> contextFactory)
    {
        Thread = thread;
        Request = request;
        IsOneWay = isOneWay;
        Outer = outer;
        Depth = outer is null ? 1 : outer.Depth + 1;
        Cancellation = cancellation;
        Context = null;
        ContextFactory = contextFactory;
        _outerOfThread = t_innermost;
        t_innermost = this;
    }

    public void End()
    {
        Debug.Assert(t_innermost == this, "A call ends that is not the innermost one of its thread.");
        t_innermost = _outerOfThread;
        _outerOfThread = null;
        Outer = null;
        Thread = null;
        Context = null;
        Cancellation = null;
    }
}
