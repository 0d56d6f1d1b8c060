using Microsoft.Extensions.Logging;
using Multiprocess.Logging;
using Multiprocess.Processes;

namespace Multiprocess;

/// <summary>Keeps a child process running: starts it again when it has ended unexpectedly, with growing waits, until it has been too often.</summary>
/// <typeparam name="T">The contract of the root that the child serves.</typeparam>
/// <remarks>
/// <para>
/// Thread-safe. A new child is a new process with a new root: what was called on the old one when it ended throws
/// <see cref="IpcDisconnectedException"/>, may have been run, and is never sent again by itself; objects of the old one
/// are gone with it. Take <see cref="Root"/> anew for each piece of work.
/// </para>
/// <para>
/// What counts as unexpected: a signal, an exit code other than 0, a broken rule of the protocol. A child that ends with code
/// 0 ends the supervision too, unless <see cref="IpcRestartPolicy.RestartAfterSuccess"/> says otherwise. A child that
/// cannot be started again counts as a restart that did not help.
/// </para>
/// </remarks>
/// <example><code>
/// using var workers = IpcSupervisor&lt;ICalculator&gt;.Start("calc-worker");
/// int five = workers.Root.Add(2, 3);
/// </code></example>
public sealed class IpcSupervisor<T> : IDisposable, IAsyncDisposable where T : class
{
    private readonly string _program;
    private readonly IpcSpawnOptions _options;
    private readonly IpcRestartPolicy _policy;
    private readonly RestartSchedule _schedule;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();

    // Under the lock. The next root is completed by a child that runs, or failed by the end of the supervision.
    private IpcChildProcess<T>? _current;
    private TaskCompletionSource<T> _next = New();
    private string _why = "It is being started.";
    private bool _isDisposed;
    private int _starts;

    private IpcSupervisor(string program, IpcSpawnOptions options, IpcRestartPolicy policy)
    {
        _program = program;
        _options = options;
        _policy = policy;
        _schedule = new RestartSchedule(policy, options.TimeProvider);
        _logger = options.LoggerFactory?.CreateLogger(IpcLog.Category) ?? SilentLogger.Instance;
    }

    /// <summary>Starts the child, and again whenever it must be.</summary>
    /// <param name="program">A bare name of a program beside this process's own executable, or a path.</param>
    /// <param name="options">How to start, end and talk to each child.</param>
    /// <param name="policy">When to start it again.</param>
    /// <exception cref="IpcException">The first start failed, as with <see cref="IpcChildProcess.Spawn{T}"/>: nothing is supervised.</exception>
    /// <exception cref="IOException">Nothing can be recorded in <see cref="IpcConnectionOptions.RecordFolder"/>: nothing is supervised.</exception>
    public static IpcSupervisor<T> Start(string program, IpcSpawnOptions? options = null, IpcRestartPolicy? policy = null)
    {
        var supervisor = new IpcSupervisor<T>(program, options ?? new IpcSpawnOptions(), policy ?? new IpcRestartPolicy());
        IpcChildProcess<T> first = IpcChildProcess.Spawn<T>(program, supervisor._options);
        supervisor.Publish(first);
        supervisor.Completion = Task.Run(() => supervisor.SuperviseAsync(first));
        _ = supervisor.Completion.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return supervisor;
    }

    /// <summary>Raised when a child has ended and will be started again, before the wait; on a pool thread that goes on afterwards.</summary>
    /// <remarks>What a handler throws is logged.</remarks>
    public event EventHandler<IpcRestartEventArgs>? Restarting;

    /// <summary>The root of the child that runs now.</summary>
    /// <exception cref="IpcDisconnectedException">None runs at this moment; the message says why, and when the next one is tried.</exception>
    /// <exception cref="IpcException">The supervision has ended.</exception>
    /// <exception cref="ObjectDisposedException">The supervisor was disposed.</exception>
    public T Root
    {
        get
        {
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                return _current is { } child ? child.Root
                    : _next.Task.Exception?.InnerException is IpcException ended ? throw new IpcException(ended.Kind, ended.Message, ended)
                    : throw new IpcDisconnectedException($"{_program} does not run. {_why}");
            }
        }
    }

    /// <summary>The child that runs now; null while none does. It is the supervisor's to dispose.</summary>
    public IpcChildProcess<T>? Current
    {
        get
        {
            lock (_lock)
            {
                return _current;
            }
        }
    }

    /// <summary>How many children were started after the first one.</summary>
    public int Restarts => Volatile.Read(ref _starts) - 1;

    /// <summary>
    /// Ends when nothing is supervised any more: after <see cref="Dispose"/> and after a child that ended with code 0 without
    /// error, with an <see cref="IpcException"/> that says how the last child ended when there were too many restarts.
    /// </summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>The root of the child that runs now or, while none does, of the next one.</summary>
    /// <param name="cancellationToken">Ends the wait, not the start.</param>
    /// <exception cref="IpcException">The supervision has ended.</exception>
    /// <exception cref="ObjectDisposedException">The supervisor was disposed.</exception>
    public Task<T> GetRootAsync(CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _current is { } child ? Task.FromResult(child.Root) : _next.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends the child as <see cref="IpcChildProcess{T}.Dispose"/> does, and starts none again. One that is being started at this moment ends as soon as it has.</summary>
    public void Dispose() => Stop()?.Dispose();

    /// <summary>As <see cref="Dispose"/>, holding no thread while it waits.</summary>
    public ValueTask DisposeAsync() => Stop() is { } child ? child.DisposeAsync() : default;

    private static TaskCompletionSource<T> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private IpcChildProcess<T>? Stop()
    {
        IpcChildProcess<T>? child;
        lock (_lock)
        {
            if (_isDisposed)
            {
                return null;
            }

            _isDisposed = true;
            child = _current;
            _current = null;
            Fail(new ObjectDisposedException(nameof(IpcSupervisor<T>)));
        }

        _stop.Cancel();
        return child;
    }

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

            child = TryStart();
            if (child is not null && !Publish(child))
            {
                await child.DisposeAsync().ConfigureAwait(false);
                return;
            }
        }
    }

    /// <summary>Waits until the child has ended, or its connection; then sees to it that both have.</summary>
    /// <returns>True when it ended by itself, with code 0.</returns>
    private async Task<bool> EndAsync(IpcChildProcess<T> child)
    {
        await Task.WhenAny(child.Exited, child.Connection.Completion).ConfigureAwait(false);
        lock (_lock)
        {
            // Nobody is given its root any more, however long it takes to end.
            _current = null;
            _why = $"Process {child.Id} is ending.";
        }

        bool isBroken = child.Connection.Completion.Exception?.InnerException is IpcProtocolException;
        await child.DisposeAsync().ConfigureAwait(false);
        return await child.Exited.ConfigureAwait(false) == 0 && !isBroken;
    }

    /// <returns>False when nothing is to follow.</returns>
    private bool Withdraw(IpcChildProcess<T> child, bool wasOrderly)
    {
        lock (_lock)
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

            Fail(new IpcDisconnectedException($"{_program} has ended by itself, with exit code 0, and is not started again."));
            return false;
        }
    }

    private void Announce(IpcChildExit? exit, TimeSpan delay)
    {
        int attempt;
        string why;
        lock (_lock)
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

    private IpcChildProcess<T>? TryStart()
    {
        try
        {
            return IpcChildProcess.Spawn<T>(_program, _options);
        }
        catch (Exception exception) when (exception is IpcException or IOException)
        {
            lock (_lock)
            {
                _why = exception.Message;
            }

            return null;
        }
    }

    /// <returns>False when the supervisor was disposed meanwhile.</returns>
    private bool Publish(IpcChildProcess<T> child)
    {
        TaskCompletionSource<T> next;
        lock (_lock)
        {
            if (_isDisposed)
            {
                return false;
            }

            _starts++;
            _current = child;
            next = _next;
            _next = New();
        }

        next.SetResult(child.Root);
        return true;
    }

    private IpcException GiveUp()
    {
        lock (_lock)
        {
            var exception = new IpcException(
                IpcErrorKind.SpawnFailed,
                $"{_program} was started again {_policy.MaxRestarts:N0} times within {_policy.Window.TotalSeconds:0.###} s, and is not any more. {_why}");
            IpcLog.ChildGivenUp(_logger, _program, exception.Message);
            Fail(exception);
            return exception;
        }
    }

    /// <summary>Fails those who wait for a root, now and later. Under the lock.</summary>
    private void Fail(Exception exception)
    {
        _next.TrySetException(exception);
        _ = _next.Task.Exception;
    }
}
