namespace Multiprocess.Threads;

/// <summary>The calls that one physical thread is in the middle of, over all connections, outermost first: those that it waits for and those of peers that it runs.</summary>
/// <remarks>
/// Its thread alone changes it, and takes no lock for it, since every call does. Others copy it, and see by the version
/// whether it was changed meanwhile: the version is odd during a change.
/// </remarks>
internal sealed class CallStack
{
    // A thread that changes it more often than it can be copied is stuck in nothing that anybody would look for.
    private const int MaxTries = 100;

    [ThreadStatic]
    private static CallStack? t_current;

    private CallStep[] _steps = new CallStep[2];
    private int _count;
    private int _version;

    private CallStack(Thread thread) => Thread = thread;

    /// <summary>The calling thread's own.</summary>
    public static CallStack Current => t_current ??= new CallStack(Thread.CurrentThread);

    /// <summary>Whose it is.</summary>
    public Thread Thread { get; }

    /// <summary>The innermost call; none has no connection. Of its thread.</summary>
    public CallStep Innermost => _count > 0 ? _steps[_count - 1] : default;

    /// <summary>Begins a call. Of its thread.</summary>
    public void Push(IpcConnection connection, long request, ICallee callee, uint methodId, bool isOutgoing, long startedTimestamp)
    {
        CallStep[] steps = _steps;
        if (_count == steps.Length)
        {
            // A reader may be in the middle of the old one, which stays as it is.
            Array.Resize(ref steps, _count * 2);
        }

        BeginChange();
        _steps = steps;
        steps[_count++] = new CallStep(connection, request, callee, methodId, isOutgoing, startedTimestamp);
        EndChange();
    }

    /// <summary>Ends the innermost call. Of its thread.</summary>
    public void Pop()
    {
        BeginChange();
        _steps[--_count] = default;
        EndChange();
    }

    /// <summary>Ends the innermost call if it is this one of this side: one that could not be encoded was never begun. Of its thread.</summary>
    public void PopOutgoing(IpcConnection connection, long request)
    {
        if (_count > 0 && _steps[_count - 1] is { IsOutgoing: true } step && step.Request == request && step.Connection == connection)
        {
            Pop();
        }
    }

    /// <summary>A copy, from any thread. Empty also when the thread changed it all the time.</summary>
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
