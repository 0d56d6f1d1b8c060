using Microsoft.Extensions.Logging;
using Multiprocess.Connections;
using Multiprocess.Generated;
using Multiprocess.Logging;
using Multiprocess.Objects;
using Multiprocess.Processes;

namespace Multiprocess;

/// <summary>Keeps a child process running: starts it again when it has ended unexpectedly, with growing waits, until it has been too often.</summary>
/// <typeparam name="T">The contract of the root that the child serves.</typeparam>
/// <remarks>
/// <para>
/// Thread-safe. A new child is a new process with a new root: what was called on the old one when it ended throws
/// <see cref="IpcDisconnectedException"/>, may have been run, and is never sent again by itself; objects of the old one
/// are gone with it. Take <see cref="Root"/> anew for each piece of work, or use <see cref="FollowingRoot"/>. Settings, log
/// sinks and handlers of events must be given to each new child: <c>prepare</c> of <see cref="Start"/> is the place.
/// </para>
/// <para>
/// What counts as unexpected: a signal, SIGTERM among them unless <see cref="IpcRestartPolicy.RestartAfterTermination"/> says
/// otherwise, an exit code other than 0, a broken rule of the protocol. A child that ends with code 0 ends the supervision too,
/// unless <see cref="IpcRestartPolicy.RestartAfterSuccess"/> says otherwise. A child that cannot be started again, or not
/// prepared, counts as a restart that did not help.
/// </para>
/// </remarks>
/// <example><code>
/// using var workers = IpcSupervisor&lt;ICalculator&gt;.Start("calc-worker");
/// int five = workers.Root.Add(2, 3);
/// </code></example>
public sealed class IpcSupervisor<T> : IDisposable, IAsyncDisposable where T : class
{
    // A child that takes no more calls has this long to end: at SIGTERM it waits two seconds for calls that run. One that is
    // there still is handed out again, since what it refused may not have been all.
    private static readonly TimeSpan s_leave = TimeSpan.FromSeconds(5);

    private readonly string _program;
    private readonly IpcSpawnOptions _options;
    private readonly IpcRestartPolicy _policy;
    private readonly Func<IpcChildProcess<T>, CancellationToken, Task>? _prepare;
    private readonly PeerRoot? _serves;
    private readonly RestartSchedule _schedule;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();

    // Under the lock. The next child is completed by one that runs and was prepared, or failed by the end of the supervision.
    private IpcChildProcess<T>? _current;
    private TaskCompletionSource<IpcChildProcess<T>> _next = New();
    private IpcProxy? _lastRoot;
    private T? _followingRoot;
    private string _why = "It is being started.";
    private bool _isDisposed;
    private int _starts;

    private IpcSupervisor(
        string program, IpcSpawnOptions? options, IpcRestartPolicy? policy, Func<IpcChildProcess<T>, CancellationToken, Task>? prepare, PeerRoot? serves = null)
    {
        _serves = serves;
        _program = program;
        _options = options ?? new IpcSpawnOptions();
        _policy = policy ?? new IpcRestartPolicy();
        _prepare = prepare;
        _schedule = new RestartSchedule(_policy, _options.TimeProvider);
        _logger = _options.LoggerFactory?.CreateLogger(IpcLog.Category) ?? SilentLogger.Instance;
    }

    /// <summary>Starts the child, and again whenever it must be.</summary>
    /// <param name="program">A bare name of a program beside this process's own executable, or a path.</param>
    /// <param name="options">How to start, end and talk to each child.</param>
    /// <param name="policy">When to start it again.</param>
    /// <param name="prepare">
    /// Makes each new child ready, the first among them, before anybody else gets its root: gives it its settings, its log sink,
    /// its handlers. Runs on the thread pool, without a bound of its own; its token is cancelled when the child is lost or the
    /// supervisor disposed, and then nobody waits for it any more. Where it throws, the child is ended, and that counts as a
    /// start that failed. Blocks this method for the first child; <see cref="StartAsync"/> does not block.
    /// </param>
    /// <exception cref="IpcException">
    /// The first start failed, as with <see cref="IpcChildProcess.Spawn{T}"/>, or the child ended while it was prepared: nothing
    /// is supervised. What <paramref name="prepare"/> throws for the first child is thrown here too.
    /// </exception>
    public static IpcSupervisor<T> Start(
        string program,
        IpcSpawnOptions? options = null,
        IpcRestartPolicy? policy = null,
        Func<IpcChildProcess<T>, CancellationToken, Task>? prepare = null)
    {
        var supervisor = new IpcSupervisor<T>(program, options, policy, prepare);
        IpcChildProcess<T> first = IpcChildProcess.Spawn<T>(program, supervisor._options);
        if (prepare is not null)
        {
            // On the pool: the hook's continuations must not wait for the context of the thread that is blocked here.
            Task.Run(() => supervisor.PrepareFirstAsync(first, CancellationToken.None)).GetAwaiter().GetResult();
        }

        return supervisor.Begin(first);
    }

    /// <summary>As <see cref="Start"/>, holding no thread of the caller's while the first child starts and is prepared.</summary>
    /// <param name="program">A bare name of a program beside this process's own executable, or a path.</param>
    /// <param name="options">How to start, end and talk to each child.</param>
    /// <param name="policy">When to start it again.</param>
    /// <param name="prepare">Makes each new child ready before anybody else gets its root.</param>
    /// <param name="cancellationToken">Ends the first start, and its child with it; nothing is supervised then.</param>
    /// <inheritdoc cref="Start" path="/exception"/>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled. No child is left.</exception>
    public static Task<IpcSupervisor<T>> StartAsync(
        string program,
        IpcSpawnOptions? options = null,
        IpcRestartPolicy? policy = null,
        Func<IpcChildProcess<T>, CancellationToken, Task>? prepare = null,
        CancellationToken cancellationToken = default)
        => StartServingAsync(program, options, policy, prepare, serves: null, cancellationToken);

    /// <summary>As the public form; this side serves each child a root too.</summary>
    internal static async Task<IpcSupervisor<T>> StartServingAsync(
        string program,
        IpcSpawnOptions? options,
        IpcRestartPolicy? policy,
        Func<IpcChildProcess<T>, CancellationToken, Task>? prepare,
        PeerRoot? serves,
        CancellationToken cancellationToken)
    {
        var supervisor = new IpcSupervisor<T>(program, options, policy, prepare, serves);
        IpcChildProcess<T> first = await IpcChildProcess.RunAsync<T>(program, supervisor._options, cancellationToken, serves).ConfigureAwait(false);
        await Task.Run(() => supervisor.PrepareFirstAsync(first, cancellationToken), CancellationToken.None).ConfigureAwait(false);
        return supervisor.Begin(first);
    }

    /// <summary>Raised when a child has ended and will be started again, before the wait; on a pool thread that goes on afterwards.</summary>
    /// <remarks>What a handler throws is logged.</remarks>
    public event EventHandler<IpcRestartEventArgs>? Restarting;

    /// <summary>Raised when a new child runs, was prepared, and its root is given out; on a pool thread that goes on afterwards.</summary>
    /// <remarks>
    /// The first child has started before a handler can be added. What must be done before others call a child belongs into
    /// <c>prepare</c> of <see cref="Start"/>. What a handler throws is logged.
    /// </remarks>
    public event EventHandler<IpcChildStartedEventArgs<T>>? Started;

    /// <summary>The root of the child that runs now; never one whose connection is known to be lost, or that is known to end.</summary>
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
                return Live is { } child ? child.Root
                    : _next.Task.Exception?.InnerException is IpcException ended ? throw new IpcException(ended.Kind, ended.Message, ended)
                    : throw new IpcDisconnectedException($"{_program} does not run. {(_current is null ? _why : $"Process {_current.Id} is ending.")}");
            }
        }
    }

    /// <summary>A root that follows restarts: each call on it is made on the root of the child that is there at that moment.</summary>
    /// <remarks>
    /// The same object each time; may be kept, and given to code that knows nothing of the supervision. No call is made twice:
    /// one that is under way when its child ends throws <see cref="IpcDisconnectedException"/> and may have run, and one that is
    /// begun while no child runs throws it and has not. A handler that is added to an event is added to the present child's
    /// alone, and objects that a child returned end with it. Disposing it disposes the present child's root.
    /// </remarks>
    public T FollowingRoot
    {
        get
        {
            lock (_lock)
            {
                return _followingRoot ??= (T)IpcProxy.Following(ContractBinding<T>.Instance, _ => LastRoot()).Face;
            }
        }
    }

    /// <summary>
    /// The child that runs now; null while none does, once its connection is known to be lost, and for five seconds after it has
    /// refused a call because it is shutting down. It is the supervisor's to dispose.
    /// </summary>
    public IpcChildProcess<T>? Current
    {
        get
        {
            lock (_lock)
            {
                return Live;
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

    /// <summary>The child that runs, unless its connection is known to be lost, or it is known to end. Under the lock.</summary>
    private IpcChildProcess<T>? Live => _current is { } child && !IsLost(child) && Leaves(child) is null ? child : null;

    /// <summary>The root of the child that runs now or, while none does, of the next one; never one whose connection is known to be lost.</summary>
    /// <remarks>
    /// Once a call was refused because the child is shutting down, this waits for the next child: five seconds at most, after
    /// which a child that is there still is handed out again.
    /// </remarks>
    /// <param name="cancellationToken">Ends the wait, not the start.</param>
    /// <exception cref="IpcException">The supervision has ended.</exception>
    /// <exception cref="ObjectDisposedException">The supervisor was disposed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<T> GetRootAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task<IpcChildProcess<T>> next;
            TimeSpan? leaves;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                if (Live is { } child)
                {
                    return child.Root;
                }

                next = _next.Task;
                leaves = _current is { } leaving && !IsLost(leaving) ? Leaves(leaving) : null;
            }

            // A child that has ended meanwhile is not handed out: it is looked at again.
            await ((Task)next.WaitAsync(leaves ?? Timeout.InfiniteTimeSpan, _options.TimeProvider, cancellationToken))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            if (next.IsFaulted)
            {
                await next.ConfigureAwait(false);
            }
        }
    }

    /// <summary>Ends the child as <see cref="IpcChildProcess{T}.Dispose"/> does, and starts none again. One that is being started at this moment ends as soon as it has.</summary>
    public void Dispose() => Stop()?.Dispose();

    /// <summary>As <see cref="Dispose"/>, holding no thread while it waits.</summary>
    public ValueTask DisposeAsync() => Stop() is { } child ? child.DisposeAsync() : default;

    private static bool IsLost(IpcChildProcess<T> child) => child.Connection.Core.Channel.IsClosed;

    /// <summary>How much longer a child that takes no more calls has to end; null when it takes calls, as far as is known.</summary>
    private static TimeSpan? Leaves(IpcChildProcess<T> child)
        => child.Connection.Core.Channel.SinceRefused is { } since && since < s_leave ? s_leave - since : null;

    private static TaskCompletionSource<IpcChildProcess<T>> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private IpcSupervisor<T> Begin(IpcChildProcess<T> first)
    {
        Publish(first);
        Completion = Task.Run(() => SuperviseAsync(first));
        _ = Completion.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return this;
    }

    /// <summary>What a root that follows stands for now: the live one or, while there is none, the last one, which says why it is lost.</summary>
    private IpcProxy LastRoot()
    {
        lock (_lock)
        {
            return _lastRoot!;
        }
    }

    /// <summary>Prepares the first child; it is ended where that fails.</summary>
    private async Task PrepareFirstAsync(IpcChildProcess<T> child, CancellationToken cancellationToken)
    {
        try
        {
            await PrepareAsync(child, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await child.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Runs the hook for a new child, no longer than the child lives and anybody wants it.</summary>
    /// <exception cref="IpcDisconnectedException">The child was lost.</exception>
    /// <exception cref="OperationCanceledException">Nobody wants it any more.</exception>
    private async Task PrepareAsync(IpcChildProcess<T> child, CancellationToken cancellationToken)
    {
        if (_prepare is null)
        {
            return;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(child.Connection.Closed, cancellationToken);
        Task preparing = _prepare(child, ended.Token);
        Task first = await Task.WhenAny(preparing, Task.Delay(Timeout.InfiniteTimeSpan, ended.Token)).ConfigureAwait(false);
        if (first != preparing)
        {
            // It may go on for as long as it likes: nobody waits for it.
            _ = preparing.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            cancellationToken.ThrowIfCancellationRequested();
            throw EndedEarly(child);
        }

        try
        {
            await preparing.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (child.Connection.Closed.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The hook has heeded its token; whoever waits is to hear why that was cancelled.
            throw EndedEarly(child);
        }
    }

    private static IpcDisconnectedException EndedEarly(IpcChildProcess<T> child)
        => new($"Process {child.Id} ended while it was prepared. {child.Connection.Core.Channel.ClosedReason?.Message}".TrimEnd());

    /// <summary>Ends the supervision, but not the child: whoever calls this ends and disposes it. One that is being started ends as soon as it has.</summary>
    /// <returns>The child that runs; null where none does, and where the supervision had ended before.</returns>
    internal IpcChildProcess<T>? Stop()
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

    /// <summary>Waits until the child has ended, or its connection; then sees to it that both have.</summary>
    /// <returns>True when it ended in good order, and nothing is wrong that a new one would mend.</returns>
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
        int code = await child.Exited.ConfigureAwait(false);
        return !isBroken && (code == 0 || (code == ServedParent.Terminated && !_policy.RestartAfterTermination));
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

            Fail(new IpcDisconnectedException($"{_program} has ended by itself, with {child.Exit}, and is not started again."));
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

    /// <summary>Starts and prepares a child; null when that failed, and then none is left.</summary>
    private async Task<IpcChildProcess<T>?> TryStartAsync()
    {
        IpcChildProcess<T>? child = null;
        try
        {
            child = IpcChildProcess.Run<T>(_program, _options, CancellationToken.None, _serves);
            await PrepareAsync(child, _stop.Token).ConfigureAwait(false);
            return child;
        }
        catch (Exception exception) when (exception is IpcException || child is not null)
        {
            lock (_lock)
            {
                _why = child is null || exception is IpcDisconnectedException ? exception.Message : $"Process {child.Id} could not be prepared: {exception.Message}";
            }

            if (child is not null)
            {
                await child.DisposeAsync().ConfigureAwait(false);
            }

            return null;
        }
    }

    /// <returns>False when the supervisor was disposed meanwhile.</returns>
    private bool Publish(IpcChildProcess<T> child)
    {
        TaskCompletionSource<IpcChildProcess<T>> next;
        lock (_lock)
        {
            if (_isDisposed)
            {
                return false;
            }

            _starts++;
            _current = child;
            _lastRoot = IpcProxy.Behind(child.Root);
            next = _next;
            _next = New();
        }

        next.SetResult(child);
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
