using Multiprocess.Locks;
using Multiprocess.Logging;
using Multiprocess.Processes;

namespace Multiprocess;

/// <summary>Waits for the end of each child, and starts the next one as the policy says.</summary>
public sealed partial class IpcSupervisor<T>
{
    private async Task SuperviseAsync(IpcChildProcess<T>? child)
    {
        while (true)
        {
            TimeSpan ranFor = TimeSpan.Zero;
            if (child is not null)
            {
                long start = _options.TimeProvider.GetTimestamp();
                bool wasOrderly = await EndAsync(child).ConfigureAwait(false);
                ranFor = _options.TimeProvider.GetElapsedTime(start);
                if (!Withdraw(child, wasOrderly))
                {
                    return;
                }
            }

            if (_schedule.Next(ranFor) is not { } delay)
            {
                throw GiveUp();
            }

            Announce(child?.Exit, delay);
            try
            {
                await Task.Delay(delay, _options.TimeProvider, _stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            child = await TryStartAsync().ConfigureAwait(false);
            if (child is not null && !Publish(child))
            {
                await child.DisposeAsync().ConfigureAwait(false);
                return;
            }

            if (child is not null)
            {
                Announce(child);
            }
            else if (_stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Waits until the child or its connection has ended, then ends both.</summary>
    /// <returns>True when the child ended as intended, so that a restart would not help.</returns>
    private async Task<bool> EndAsync(IpcChildProcess<T> child)
    {
        await Task.WhenAny(child.Exited, child.Connection.Completion, _stopped.Task).ConfigureAwait(false);
        using (Uninterruptible.Enter(_lock))
        {
            if (_isDisposed)
            {
                // The child belongs to the caller of Stop, who may let it finish its work.
                return true;
            }

            // The root is not available any more, however long the child takes to end.
            _current = null;
            _why = $"Process {child.Id} is ending.";
        }

        bool isBroken = child.Connection.Completion.Exception?.InnerException is IpcProtocolException;
        await child.DisposeAsync().ConfigureAwait(false);
        int code = await child.Exited.ConfigureAwait(false);
        return !isBroken && (code == 0 || (code == ServedParent.Terminated && !_policy.RestartAfterTermination));
    }

    /// <returns>False when no other child is to follow.</returns>
    private bool Withdraw(IpcChildProcess<T> child, bool wasOrderly)
    {
        using (Uninterruptible.Enter(_lock))
        {
            if (_isDisposed)
            {
                return false;
            }

            _why = $"Process {child.Id} ended with {child.Exit}.";
            if (!wasOrderly || _policy.RestartAfterSuccess)
            {
                return true;
            }

            Fail(
                new IpcDisconnectedException(
                    $"{_program} has ended by itself, with {child.Exit}, and is not started again."));
            return false;
        }
    }

    private void Announce(IpcChildExit? exit, TimeSpan delay)
    {
        int attempt;
        string why;
        using (Uninterruptible.Enter(_lock))
        {
            why = _why;
            attempt = _schedule.Restarts;
            _why = $"{why} Restart {attempt} follows {delay.TotalSeconds:0.###} s after that.";
        }

        IpcLog.ChildRestarts(_logger, _program, attempt, delay.TotalSeconds, why);
        try
        {
            Restarting?.Invoke(this, new IpcRestartEventArgs(exit, attempt, delay, why));
        }
        catch (Exception exception)
        {
            IpcLog.CallbackFailed(_logger, nameof(Restarting), exception);
        }
    }

    private void Announce(IpcChildProcess<T> child)
    {
        try
        {
            Started?.Invoke(this, new IpcChildStartedEventArgs<T>(child, Restarts));
        }
        catch (Exception exception)
        {
            IpcLog.CallbackFailed(_logger, nameof(Started), exception);
        }
    }

    /// <summary>Starts and prepares a child; returns null when that failed and no child is left.</summary>
    private async Task<IpcChildProcess<T>?> TryStartAsync()
    {
        IpcChildProcess<T>? child = null;
        try
        {
            child = IpcChildProcess.Run<T>(_program, _options, CancellationToken.None);
            await PrepareAsync(child, _stop.Token).ConfigureAwait(false);
            return child;
        }
        catch (Exception exception) when (exception is IpcException || child is not null)
        {
            using (Uninterruptible.Enter(_lock))
            {
                _why = child is null || exception is IpcDisconnectedException
                    ? exception.Message
                    : $"Process {child.Id} could not be prepared: {exception.Message}";
            }

            if (child is not null)
            {
                await child.DisposeAsync().ConfigureAwait(false);
            }

            return null;
        }
    }

    private IpcException GiveUp()
    {
        using (Uninterruptible.Enter(_lock))
        {
            var exception = new IpcException(
                IpcErrorKind.SpawnFailed,
                $"{_program} was started again {_policy.MaxRestarts:N0} times within "
                    + $"{_policy.Window.TotalSeconds:0.###} s, and is not any more. {_why}");
            IpcLog.ChildGivenUp(_logger, _program, exception.Message);
            Fail(exception);
            return exception;
        }
    }
}
