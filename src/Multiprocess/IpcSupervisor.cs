using Microsoft.Extensions.Logging;
using Multiprocess.Generated;
using Multiprocess.Locks;
using Multiprocess.Logging;
using Multiprocess.Objects;
using Multiprocess.Processes;

namespace Multiprocess;

// IpcSupervisor.Preparing.cs runs the hook for a new child; IpcSupervisor.Restarting.cs waits for the end of a child
// and starts the next one.

/// <summary>
/// Keeps a child process running: restarts it after an unexpected end, with increasing delays, until too many restarts
/// were needed.
/// </summary>
/// <typeparam name="T">The contract of the root that the child serves.</typeparam>
/// <remarks>
/// <para>
/// Thread-safe. A new child is a new process with a new root. A call in progress on the old child throws
/// <see cref="IpcDisconnectedException"/>; the child may have run it, and the supervisor never repeats it. Objects of
/// the old child end with it. Read <see cref="Root"/> again for each piece of work, or use <see cref="FollowingRoot"/>.
/// Each new child needs its settings, log sinks and event handlers again: set them in <c>prepare</c> of
/// <see cref="Start"/>.
/// </para>
/// <para>
/// An unexpected end is: a signal (including SIGTERM, unless <see cref="IpcRestartPolicy.RestartAfterTermination"/> is
/// false), an exit code other than 0, or a violation of the protocol. A child that exits with code 0 ends the
/// supervision too, unless <see cref="IpcRestartPolicy.RestartAfterSuccess"/> is true. A restart that fails to start or
/// prepare the child counts as a restart too.
/// </para>
/// </remarks>
/// <example><code>
/// using var workers = IpcSupervisor&lt;ICalculator&gt;.Start("calc-worker");
/// int five = workers.Root.Add(2, 3);
/// </code></example>
public sealed partial class IpcSupervisor<T> : IDisposable, IAsyncDisposable where T : class
{
    // A child that refuses calls has this long to end: on SIGTERM it waits two seconds for its running calls. After
    // that time, a child that still runs is available again, since it may not have refused everything.
    private static readonly TimeSpan s_leave = TimeSpan.FromSeconds(5);

    private readonly string _program;
    private readonly IpcSpawnOptions _options;
    private readonly IpcRestartPolicy _policy;
    private readonly Func<IpcChildProcess<T>, CancellationToken, Task>? _prepare;
    private readonly RestartSchedule _schedule;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();

    // Guarded by the lock. _next completes with the next child once it is prepared, or fails when the supervision ends.
    private IpcChildProcess<T>? _current;
    private TaskCompletionSource<IpcChildProcess<T>> _next = New();
    private IpcProxy? _lastRoot;
    private T? _followingRoot;
    private string _why = "It is being started.";
    private bool _isDisposed;
    private int _starts;

    private IpcSupervisor(
        string program,
        IpcSpawnOptions? options,
        IpcRestartPolicy? policy,
        Func<IpcChildProcess<T>, CancellationToken, Task>? prepare)
    {
        _program = program;
        _options = options ?? new IpcSpawnOptions();
        _policy = policy ?? new IpcRestartPolicy();
        _prepare = prepare;
        _schedule = new RestartSchedule(_policy, _options.TimeProvider);
        _logger = _options.LoggerFactory?.CreateLogger(IpcLog.Category) ?? SilentLogger.Instance;
    }

    /// <summary>Starts the child, and restarts it when necessary.</summary>
    /// <param name="program">
    /// A path, or the bare name of a program in the directory of this process's executable.
    /// </param>
    /// <param name="options">How to start each child, communicate with it and end it.</param>
    /// <param name="policy">When to restart the child.</param>
    /// <param name="prepare">
    /// Prepares each new child, including the first, before its root becomes available: sets its settings, log sink and
    /// event handlers. Runs on the thread pool without a time limit. Its token is cancelled when the child is lost or
    /// the supervisor is disposed; the supervisor then no longer waits for it. When it throws, the child is ended, and
    /// the start counts as failed. This method blocks until the first child is prepared; <see cref="StartAsync"/> does
    /// not block.
    /// </param>
    /// <exception cref="IpcException">
    /// The first start failed, as described at <see cref="IpcChildProcess.Spawn{T}"/>, or the child ended during its
    /// preparation. Nothing is supervised then. An exception of <paramref name="prepare"/> for the first child is
    /// thrown here too.
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
            // On the thread pool: continuations of the hook must not wait for the synchronization context of this
            // blocked thread.
            Task.Run(() => supervisor.PrepareFirstAsync(first, CancellationToken.None)).GetAwaiter().GetResult();
        }

        return supervisor.Begin(first);
    }

    /// <summary>
    /// As <see cref="Start"/>, without blocking the calling thread while the first child starts and is prepared.
    /// </summary>
    /// <param name="program">
    /// A path, or the bare name of a program in the directory of this process's executable.
    /// </param>
    /// <param name="options">How to start each child, communicate with it and end it.</param>
    /// <param name="policy">When to restart the child.</param>
    /// <param name="prepare">Prepares each new child before its root becomes available.</param>
    /// <param name="cancellationToken">Cancels the first start and ends its child; nothing is supervised then.</param>
    /// <inheritdoc cref="Start" path="/exception"/>
    /// <exception cref="OperationCanceledException">
    /// <paramref name="cancellationToken"/> was cancelled. No child is left running.
    /// </exception>
    public static async Task<IpcSupervisor<T>> StartAsync(
        string program,
        IpcSpawnOptions? options = null,
        IpcRestartPolicy? policy = null,
        Func<IpcChildProcess<T>, CancellationToken, Task>? prepare = null,
        CancellationToken cancellationToken = default)
    {
        var supervisor = new IpcSupervisor<T>(program, options, policy, prepare);
        IpcChildProcess<T> first = await IpcChildProcess.RunAsync<T>(
            program, supervisor._options, cancellationToken).ConfigureAwait(false);
        await Task.Run(
            () => supervisor.PrepareFirstAsync(first, cancellationToken),
            CancellationToken.None).ConfigureAwait(false);
        return supervisor.Begin(first);
    }

    /// <summary>
    /// Raised when a child has ended and will be restarted, before the delay. Runs on the thread pool; the supervisor
    /// continues when the handler returns.
    /// </summary>
    /// <remarks>Exceptions of a handler are logged.</remarks>
    public event EventHandler<IpcRestartEventArgs>? Restarting;

    /// <summary>
    /// Raised when a new child is running and prepared and its root is available. Runs on the thread pool; the
    /// supervisor continues when the handler returns.
    /// </summary>
    /// <remarks>
    /// The first child starts before a handler can be added. Work that must be done before other code calls a child
    /// belongs in <c>prepare</c> of <see cref="Start"/>. Exceptions of a handler are logged.
    /// </remarks>
    public event EventHandler<IpcChildStartedEventArgs<T>>? Started;

    /// <summary>
    /// The root of the running child; never the root of a child whose connection is known to be lost, or that is known
    /// to be ending.
    /// </summary>
    /// <exception cref="IpcDisconnectedException">
    /// No child is running at the moment; the message says why, and when the next start follows.
    /// </exception>
    /// <exception cref="IpcException">The supervision has ended.</exception>
    /// <exception cref="ObjectDisposedException">The supervisor was disposed.</exception>
    public T Root
    {
        get
        {
            using (Uninterruptible.Enter(_lock))
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                return Live is { } child ? child.Root
                    : _next.Task.Exception?.InnerException is IpcException ended
                        ? throw new IpcException(ended.Kind, ended.Message, ended)
                    : throw new IpcDisconnectedException(
                        $"{_program} does not run. {(_current is null ? _why : $"Process {_current.Id} is ending.")}");
            }
        }
    }

    /// <summary>
    /// A root that follows restarts: each call on it goes to the root of the child that is running at that moment.
    /// </summary>
    /// <remarks>
    /// Always the same object. It may be stored, and passed to code that does not know about the supervision. No call
    /// is made twice: a call in progress when its child ends throws <see cref="IpcDisconnectedException"/> and may have
    /// run; a call that starts while no child is running throws it and has not run. An event handler is added only to
    /// the current child, and objects that a child returned end with that child. Disposing this root disposes the root
    /// of the current child.
    /// </remarks>
    public T FollowingRoot
    {
        get
        {
            using (Uninterruptible.Enter(_lock))
            {
                return _followingRoot ??= (T)IpcProxy.Following(ContractBinding<T>.Instance, _ => LastRoot()).Face;
            }
        }
    }

    /// <summary>
    /// The running child. Null while no child is running, when its connection is known to be lost, and for five seconds
    /// after it refused a call because it is shutting down. The supervisor disposes it.
    /// </summary>
    public IpcChildProcess<T>? Current
    {
        get
        {
            using (Uninterruptible.Enter(_lock))
            {
                return Live;
            }
        }
    }

    /// <summary>How many children were started after the first one.</summary>
    public int Restarts => Volatile.Read(ref _starts) - 1;

    /// <summary>
    /// Completes when the supervision has ended: after <see cref="Dispose"/> or <see cref="Stop"/>, and after a child
    /// exited with code 0. Fails with an <see cref="IpcException"/> that says how the last child ended when there were
    /// too many restarts.
    /// </summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>
    /// The running child, unless its connection is known to be lost or it is known to be ending. Call under the lock.
    /// </summary>
    private IpcChildProcess<T>? Live => _current is { } child && !IsLost(child) && Leaves(child) is null ? child : null;

    /// <summary>
    /// Returns the root of the running child, or of the next child while none is running; never the root of a child
    /// whose connection is known to be lost.
    /// </summary>
    /// <remarks>
    /// After a child refused a call because it is shutting down, this method waits for the next child for at most five
    /// seconds. If the old child still runs after that time, its root is returned again.
    /// </remarks>
    /// <param name="cancellationToken">Cancels the wait, not the start of a child.</param>
    /// <exception cref="IpcException">The supervision has ended.</exception>
    /// <exception cref="ObjectDisposedException">The supervisor was disposed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<T> GetRootAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task<IpcChildProcess<T>> next;
            TimeSpan? leaves;
            using (Uninterruptible.Enter(_lock))
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                if (Live is { } child)
                {
                    return child.Root;
                }

                next = _next.Task;
                leaves = _current is { } leaving && !IsLost(leaving) ? Leaves(leaving) : null;
            }

            // The next child may have ended meanwhile: loop and check it again.
            await ((Task)next.WaitAsync(leaves ?? Timeout.InfiniteTimeSpan, _options.TimeProvider, cancellationToken))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            if (next.IsFaulted)
            {
                await next.ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// Ends the child as <see cref="IpcChildProcess{T}.Dispose"/> does, and starts no other. A child whose start is in
    /// progress is ended as soon as it has started.
    /// </summary>
    public void Dispose() => Stop()?.Dispose();

    /// <summary>As <see cref="Dispose"/>, without blocking a thread.</summary>
    public ValueTask DisposeAsync() => Stop() is { } child ? child.DisposeAsync() : default;

    private static bool IsLost(IpcChildProcess<T> child) => child.Connection.Core.Channel.IsClosed;

    /// <summary>
    /// How much longer a child that refuses calls may take to end; null when the child accepts calls, as far as is
    /// known.
    /// </summary>
    private static TimeSpan? Leaves(IpcChildProcess<T> child)
        => child.Connection.Core.Channel.SinceRefused is { } since && since < s_leave ? s_leave - since : null;

    private static TaskCompletionSource<IpcChildProcess<T>> New()
        => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private IpcSupervisor<T> Begin(IpcChildProcess<T> first)
    {
        Publish(first);
        Completion = Task.Run(() => SuperviseAsync(first));
        _ = Completion.ContinueWith(
            static task => _ = task.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default);
        return this;
    }

    /// <summary>
    /// The current target of the following root: the running child's root or, when none is running, the last child's
    /// root, whose calls report why it is lost.
    /// </summary>
    private IpcProxy LastRoot()
    {
        using (Uninterruptible.Enter(_lock))
        {
            return _lastRoot!;
        }
    }

    /// <summary>
    /// Ends the supervision, but not the child: the caller must end and dispose it. For a child that is told to finish
    /// its work before it ends. A child whose start is in progress is ended as soon as it has started. Afterwards, this
    /// object is disposed: its roots do not work any more, except the root of the returned child.
    /// </summary>
    /// <returns>
    /// The running child; null when none is running, when the supervision had already ended, and for all calls but the
    /// first.
    /// </returns>
    public IpcChildProcess<T>? Stop()
    {
        IpcChildProcess<T>? child;
        using (Uninterruptible.Enter(_lock))
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
        _stopped.SetResult();
        return child;
    }

    /// <returns>False when the supervisor was disposed meanwhile.</returns>
    private bool Publish(IpcChildProcess<T> child)
    {
        TaskCompletionSource<IpcChildProcess<T>> next;
        using (Uninterruptible.Enter(_lock))
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

    /// <summary>Fails the current and all later waits for a root. Call under the lock.</summary>
    private void Fail(Exception exception)
    {
        _next.TrySetException(exception);
        _ = _next.Task.Exception;
    }
}
