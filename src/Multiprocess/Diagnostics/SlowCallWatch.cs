using Multiprocess.Calls;
using Multiprocess.Connections;
using Multiprocess.Logging;
using Multiprocess.Outgoing;
using Multiprocess.Threads;

namespace Multiprocess.Diagnostics;

/// <summary>
/// Looks now and then at the calls of one connection, and writes a line for each that has been under way too long.
/// </summary>
/// <remarks>
/// Calls know nothing of it: it reads what they leave behind anyway. One look at a time; the next is due when one is
/// over.
/// </remarks>
internal sealed class SlowCallWatch : IDisposable
{
    private readonly ConnectionCore _connection;
    private readonly CallChannel _channel;
    private readonly TimeSpan _limit;
    private readonly TimeSpan _interval;
    private readonly ITimer _timer;

    // Of the look that is under way: the calls that were written about and are still there.
    private HashSet<(bool IsOutgoing, long Request)> _written = [];

    public SlowCallWatch(ConnectionCore connection)
    {
        _connection = connection;
        _channel = connection.Channel;
        _limit = _channel.Options.SlowCallWarning;
        _interval = TimeSpan.FromMilliseconds(Math.Ceiling(_limit.TotalMilliseconds / 4));
        _timer =
            _channel.Options.TimeProvider.CreateTimer(_ => LookAndGoOn(), null, _interval, Timeout.InfiniteTimeSpan);
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
            // Only the logger's providers are somebody else's code here, and on this thread nobody could catch what
            // they throw.
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
        lock (_channel.Threads.Gate)
        {
            stacks = _channel.Threads.ListStacks();
        }

        foreach (CallStack stack in stacks)
        {
            LookAt(stack.Copy(), stack.Thread, before);
        }

        foreach (WaitingCall call in WaitingCall.List(_channel))
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
    /// One line for a thread, however deep its calls are nested: about the innermost of those that became slow since
    /// the last look.
    /// </summary>
    private void LookAt(CallStep[] stack, Thread? thread, HashSet<(bool IsOutgoing, long Request)> before)
    {
        CallStep? innermost = null;
        foreach (CallStep step in stack)
        {
            if (step.Connection == _channel.Owner && CallReport.Age(step) >= _limit)
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
