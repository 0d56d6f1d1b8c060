using Multiprocess.Calls;
using Multiprocess.Connections;
using Multiprocess.Locks;
using Multiprocess.Logging;
using Multiprocess.Outgoing;
using Multiprocess.Threads;

namespace Multiprocess.Diagnostics;

/// <summary>
/// Checks the calls of one connection at intervals, and logs one line for each call that takes too long.
/// </summary>
/// <remarks>
/// Calls do not know this class: it reads data that they keep anyway. Only one check runs at a time; the next is
/// scheduled after it.
/// </remarks>
internal sealed class SlowCallWatch : IDisposable
{
    private readonly ConnectionCore _connection;
    private readonly CallChannel _channel;
    private readonly TimeSpan _limit;
    private readonly TimeSpan _interval;
    private readonly ITimer _timer;

    // Used only by the running check: the calls that were logged and are still in progress.
    private HashSet<(bool IsOutgoing, long Request)> _written = [];

    public SlowCallWatch(ConnectionCore connection)
    {
        _connection = connection;
        _channel = connection.Channel;
        _limit = _channel.Options.SlowCallWarning;
        _interval = TimeSpan.FromMilliseconds(Math.Ceiling(_limit.TotalMilliseconds / 4));
        _timer = _channel.Options.TimeProvider.CreateTimer(
            _ => LookAndGoOn(), null, _interval, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();

    private void LookAndGoOn()
    {
        try
        {
            Look();
        }
        catch (Exception)
        {
            // Only the logger's providers are foreign code here, and nobody on this thread could catch their
            // exceptions.
        }

        if (!_channel.IsClosed)
        {
            _timer.Change(_interval, Timeout.InfiniteTimeSpan);
        }
    }

    private void Look()
    {
        HashSet<(bool IsOutgoing, long Request)> before = _written;
        _written = [];
        HashSet<CallStack> stacks;
        using (Uninterruptible.Enter(_channel.Threads.Gate))
        {
            stacks = _channel.Threads.ListStacks();
        }

        foreach (CallStack stack in stacks)
        {
            LookAt(stack.Copy(), stack.Thread, before);
        }

        foreach (UnansweredCall call in UnansweredCall.List(_channel))
        {
            if (call.Thread is null)
            {
                LookAt(call.Stack, thread: null, before);
            }
        }

        foreach (CallStep call in _channel.PeerCalls.Running!.Copy())
        {
            LookAt([call], thread: null, before);
        }
    }

    /// <summary>
    /// Logs at most one line per thread, however deep its calls are nested: for the innermost call that became slow
    /// since the last check.
    /// </summary>
    private void LookAt(CallStep[] stack, Thread? thread, HashSet<(bool IsOutgoing, long Request)> before)
    {
        CallStep? innermost = null;
        foreach (CallStep step in stack)
        {
            if (step.Connection == _channel.Identity && CallReport.Age(step) >= _limit)
            {
                var key = (step.IsOutgoing, step.Request);
                innermost = _written.Add(key) && !before.Contains(key) ? step : innermost;
            }
        }

        if (innermost is { } call)
        {
            Write(call, CallReport.Chain(thread, stack), CallReport.Meanwhile(call, stack));
        }
    }

    private void Write(CallStep call, string chain, string meanwhile)
    {
        double seconds = Math.Round(CallReport.Age(call)!.Value.TotalSeconds, 3);
        if (call.IsOutgoing)
        {
            IpcLog.CallWaits(
                _connection.Logger,
                call.Request,
                call.MethodName,
                _connection.Peer,
                _connection.Description,
                seconds,
                chain,
                meanwhile);
        }
        else
        {
            IpcLog.CallRuns(
                _connection.Logger,
                call.Request,
                call.MethodName,
                _connection.Peer,
                _connection.Description,
                seconds,
                chain,
                meanwhile);
        }
    }
}
