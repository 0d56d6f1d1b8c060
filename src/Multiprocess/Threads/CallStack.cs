namespace Multiprocess.Threads;

/// <summary>
/// The calls in progress on one physical thread, over all connections, outermost first: calls that it waits for and
/// calls of peers that it runs.
/// </summary>
/// <remarks>
/// Only the owner thread changes it, without a lock, because every call does so. Other threads copy it and compare the
/// version before and after the copy to detect a change. The version is odd during a change.
/// </remarks>
internal sealed class CallStack
{
    // If a thread changes its stack faster than it can be copied, the thread is not stuck, and its stack is not needed.
    private const int MaxTries = 100;

    [ThreadStatic]
    private static CallStack? t_current;

    private CallStep[] _steps = new CallStep[2];
    private int _count;
    private int _version;

    private CallStack(Thread thread) => Thread = thread;

    /// <summary>The stack of the calling thread.</summary>
    public static CallStack Current => t_current ??= new CallStack(Thread.CurrentThread);

    /// <summary>The owner thread.</summary>
    public Thread Thread { get; }

    /// <summary>The innermost call; <c>default</c> when there is none. Owner thread only.</summary>
    public CallStep Innermost => _count > 0 ? _steps[_count - 1] : default;

    /// <summary>Begins a call. Owner thread only.</summary>
    public void Push(
        ConnectionIdentity connection,
        long request,
        IContractNames callee,
        uint methodId,
        bool isOutgoing,
        long startedTimestamp)
    {
        CallStep[] steps = _steps;
        if (_count == steps.Length)
        {
            // A reader may still copy the old array, which stays unchanged.
            Array.Resize(ref steps, _count * 2);
        }

        BeginChange();
        _steps = steps;
        steps[_count++] = new CallStep(connection, request, callee, methodId, isOutgoing, startedTimestamp);
        EndChange();
    }

    /// <summary>Ends the innermost call. Owner thread only.</summary>
    public void Pop()
    {
        BeginChange();
        _steps[--_count] = default;
        EndChange();
    }

    /// <summary>
    /// Ends the innermost call if it is the given call of this side. A call that could not be encoded never began.
    /// Owner thread only.
    /// </summary>
    public void PopOutgoing(ConnectionIdentity connection, long request)
    {
        if (_count > 0
            && _steps[_count - 1] is { IsOutgoing: true } step
            && step.Request == request
            && step.Connection == connection)
        {
            Pop();
        }
    }

    /// <summary>
    /// Copies the stack. Any thread. The copy is also empty when the thread changed the stack during every attempt.
    /// </summary>
    public CallStep[] Copy()
    {
        var pause = default(SpinWait);
        for (int i = 0; i < MaxTries; i++)
        {
            int version = Volatile.Read(ref _version);
            if ((version & 1) == 0)
            {
                CallStep[] steps = _steps;
                CallStep[] copy = steps.AsSpan(0, Math.Min(_count, steps.Length)).ToArray();
                Volatile.ReadBarrier();
                if (_version == version)
                {
                    return copy;
                }
            }

            pause.SpinOnce(sleep1Threshold: -1);
        }

        return [];
    }

    private void BeginChange()
    {
        _version++;
        Volatile.WriteBarrier();
    }

    private void EndChange() => Volatile.Write(ref _version, _version + 1);
}
