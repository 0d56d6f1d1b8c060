using Microsoft.Extensions.Logging;
using Multiprocess.Connections;
using Multiprocess.Logging;
using Multiprocess.Metrics;
using Multiprocess.Native;
using Multiprocess.Processes;
using Multiprocess.Sandboxing;
using Multiprocess.Recording;
using Multiprocess.Transports.Unix;
using Multiprocess.Transports;

namespace Multiprocess;

/// <summary>Starts child processes that serve a root over a socketpair.</summary>
public static class IpcChildProcess
{
    private static readonly TimeSpan s_lastWords = TimeSpan.FromMilliseconds(500);

    // Used instead of an infinite exit timeout when the child closed its connection before it served.
    private static readonly TimeSpan s_ownEnd = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The time limit for everything after a kill: until the process is reaped (only the system can delay this) and its
    /// last output is read. A process that is not reaped in this time is reaped later.
    /// </summary>
    internal static readonly TimeSpan KillTimeout = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Starts a program and connects to the root that the program serves with <see cref="IpcParent"/>.
    /// </summary>
    /// <param name="program">
    /// A path, or the bare name of a program in the directory of this process's executable.
    /// </param>
    /// <param name="options">How to start the child, communicate with it and end it.</param>
    /// <exception cref="IpcException">
    /// The program is missing, cannot be executed, ended before it served, or serves another contract; the message
    /// names the program and the failed step. Or recording to <see cref="IpcConnectionOptions.RecordFolder"/> is not
    /// possible; this is checked before the program is started. No process is left running.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// An argument or an environment variable cannot be passed to a program, for example because it contains a NUL
    /// character.
    /// </exception>
    public static IpcChildProcess<T> Spawn<T>(string program, IpcSpawnOptions? options = null) where T : class
        => Run<T>(program, options, CancellationToken.None);

    /// <summary>As <see cref="Spawn{T}"/>, without blocking the calling thread while the child starts.</summary>
    /// <param name="program">
    /// A path, or the bare name of a program in the directory of this process's executable.
    /// </param>
    /// <param name="options">How to start the child, communicate with it and end it.</param>
    /// <param name="cancellationToken">Cancels the start, and kills the child if it already runs.</param>
    /// <inheritdoc cref="Spawn{T}" path="/exception"/>
    /// <exception cref="OperationCanceledException">
    /// <paramref name="cancellationToken"/> was cancelled. No process is left running.
    /// </exception>
    public static Task<IpcChildProcess<T>> SpawnAsync<T>(
        string program,
        IpcSpawnOptions? options = null,
        CancellationToken cancellationToken = default) where T : class
        => RunAsync<T>(program, options, cancellationToken);

    /// <inheritdoc cref="Run"/>
    internal static Task<IpcChildProcess<T>> RunAsync<T>(
        string program,
        IpcSpawnOptions? options,
        CancellationToken cancellationToken) where T : class
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<IpcChildProcess<T>>(cancellationToken);
        }

        try
        {
            return BackgroundThread.Run(
                () => Run<T>(program, options, cancellationToken),
                "ipc spawn",
                cancellationToken: cancellationToken);
        }
        catch (OutOfMemoryException exception)
        {
            return Task.FromException<IpcChildProcess<T>>(
                new IpcException(
                    IpcErrorKind.SpawnFailed, $"Cannot start '{program}': {exception.Message}", exception));
        }
    }

    /// <param name="program">
    /// A path, or the bare name of a program in the directory of this process's executable.
    /// </param>
    /// <param name="options">How to start the child, communicate with it and end it.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    internal static IpcChildProcess<T> Run<T>(
        string program,
        IpcSpawnOptions? options,
        CancellationToken cancellationToken) where T : class
    {
        ArgumentException.ThrowIfNullOrEmpty(program);
        options ??= new IpcSpawnOptions();
        ILogger logger = IpcLog.Create(options.LoggerFactory);
        var launch = new ChildLaunch(program)
        {
            Arguments = options.Arguments,
            Environment = options.Environment,
            WorkingDirectory = options.WorkingDirectory,
            ErrorTailBytes = options.ErrorTailBytes,
            OutputLine = options.OutputLine,
            ErrorLine = options.ErrorLine,
            Sandbox = options.Sandbox,
        };
        launch.Check();
        Recorder.Check(options);
        ChildProcess? process = null;
        CancellationTokenRegistration kill = default;
        try
        {
            Transport transport = Launch(launch, options, started =>
            {
                process = started;
                LogLife(started, logger);

                // Killing the child also ends the wait for its handshake.
                kill = cancellationToken.UnsafeRegister(static state => ((ChildProcess)state!).Kill(), started);
            });
            IpcConnection<T> connection = IpcConnection<T>.Open(transport, options, options.ParentRoot);
            if (options.Sandbox is { } sandbox && Unconfined(process!) is { } missing)
            {
                if (sandbox.Require)
                {
                    connection.Dispose();
                    throw new IpcException(IpcErrorKind.SpawnFailed, $"Its sandbox is not complete: {missing}");
                }

                IpcLog.SandboxIncomplete(logger, process!.Program, process.Id, missing);
            }

            if (!kill.Unregister() && cancellationToken.IsCancellationRequested)
            {
                connection.Dispose();
                throw new OperationCanceledException(cancellationToken);
            }

            return new IpcChildProcess<T>(process!, connection, options.ExitTimeout);
        }
        catch (IpcException exception) when (process is not null && cancellationToken.IsCancellationRequested)
        {
            process.Kill();
            process.Wait(KillTimeout);
            throw new OperationCanceledException(
                $"The start of {process.Program} was cancelled.", exception, cancellationToken);
        }
        catch (IpcException exception) when (process is not null)
        {
            throw Failed(process, exception, options.ExitTimeout);
        }
        catch (Exception) when (process is not null)
        {
            process.Kill();
            process.Wait(KillTimeout);
            throw;
        }
    }

    private static Transport Launch(ChildLaunch launch, IpcSpawnOptions options, Action<ChildProcess> started)
    {
        bool inherits = options.Channel == IpcSpawnChannel.Inherited
            || (options.Channel == IpcSpawnChannel.Default && OperatingSystem.IsLinux());
        if (!inherits && launch.Sandbox is { } sandbox && (sandbox.Require || OperatingSystem.IsLinux()))
        {
            throw new IpcException(
                IpcErrorKind.SpawnFailed,
                $"Cannot start '{launch.Program}': a sandbox needs Linux and the channel "
                    + $"{nameof(IpcSpawnChannel.Inherited)}, got {options.Channel}.");
        }

        if (!inherits)
        {
            return Rendezvous.Launch(launch, options.ConnectTimeout, started);
        }

        (ChildProcess process, UnixSocketTransport transport) = ChildLauncher.Launch(launch);
        started(process);
        return transport;
    }

    /// <summary>What of its sandbox a child that serves does not have; null when it has all.</summary>
    private static string? Unconfined(ChildProcess process)
        => !OperatingSystem.IsLinux() ? "this system has no sandbox."
            : !ConfinedStart.IsFiltered(process.Id)
                ? "its system calls are not filtered. Does its Main call IpcParent.TryServe, and does the kernel have "
                    + "seccomp?"
            : NativeSandbox.LandlockVersion == 0 ? "its files are not limited: the kernel has no Landlock."
            : null;

    private static void LogLife(ChildProcess process, ILogger logger)
    {
        IpcMeter.ChildStarted();
        IpcLog.ProcessStarted(logger, process.Program, process.Id);
        _ = process.Exited.ContinueWith(
            task =>
            {
                IpcMeter.ChildEnded();
                IpcLog.ProcessExited(logger, process.Program, process.Id, $"ended with {task.Result}");
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private static IpcException Failed(ChildProcess process, IpcException exception, TimeSpan exitTimeout)
    {
        // A child that closed its socket is about to exit, and its exit status tells the most.
        bool mayEnd = exception is IpcDisconnectedException;
        var bound = new Deadline(
            !mayEnd ? KillTimeout : exitTimeout == Timeout.InfiniteTimeSpan ? s_ownEnd : exitTimeout);
        if (!mayEnd)
        {
            process.Kill();
        }

        bool endedByItself = End(process, ref bound) && mayEnd;
        string message = endedByItself
            ? $"{process.Program} ended with {process.Exited.Result} before it served. Does its Main call "
                + "IpcParent.TryServe?"
            : $"{process.Program} did not serve: {exception.Message} The process was ended.";
        IpcErrorKind kind = exception.Kind == IpcErrorKind.Refused ? IpcErrorKind.Refused : IpcErrorKind.SpawnFailed;
        return LastWords(process, bound) is { Length: > 0 } words
            ? IpcException.Quoting(kind, $"{message} It wrote to standard error:", words, exception)
            : new IpcException(kind, message, exception);
    }

    /// <summary>
    /// Waits until the child has ended. Kills it when <paramref name="bound"/> runs out; <paramref name="bound"/> is
    /// then the time limit for what follows a kill.
    /// </summary>
    /// <returns>False when the child was killed.</returns>
    internal static bool End(ChildProcess process, ref Deadline bound)
    {
        if (process.Wait(bound.Left))
        {
            return true;
        }

        bound = new Deadline(KillTimeout);
        process.Kill();
        process.Wait(bound.Left);
        return false;
    }

    /// <summary>As <see cref="LastWords"/>, without blocking and without returning the text.</summary>
    internal static async Task LastWordsAsync(ChildProcess process, Deadline bound)
    {
        Task read = Task.WhenAll(
            process.Output?.Ended ?? Task.CompletedTask, process.Errors?.Ended ?? Task.CompletedTask);
        await ((Task)read.WaitAsync(Moment(bound))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>
    /// How long to wait for the rest of the pipes' content. A grandchild that is still running may hold the pipes open
    /// for ever.
    /// </summary>
    private static TimeSpan Moment(Deadline bound)
    {
        TimeSpan left = bound.Left;
        return left == Timeout.InfiniteTimeSpan || left > s_lastWords ? s_lastWords : left;
    }

    /// <summary>The last standard error output of an ended child.</summary>
    internal static string LastWords(ChildProcess process, Deadline bound)
    {
        var moment = new Deadline(Moment(bound));
        _ = process.Output?.WaitForEnd(moment.Left);
        _ = process.Errors?.WaitForEnd(moment.Left);
        return process.Errors?.Text ?? string.Empty;
    }
}

/// <summary>A child process and the connection to the root that it serves.</summary>
/// <typeparam name="T">The contract of the root.</typeparam>
/// <remarks>
/// Thread-safe. Dispose closes the connection and waits for the child to end, for at most
/// <see cref="IpcSpawnOptions.ExitTimeout"/> in total. After that time it kills the child. The child is reaped in both
/// cases. To end several children in parallel, call <see cref="DisposeAsync"/> on all of them before you await the
/// first.
/// </remarks>
public sealed class IpcChildProcess<T> : IDisposable, IAsyncDisposable where T : class
{
    private readonly ChildProcess _process;
    private readonly TimeSpan _exitTimeout;

    // Completes a moment after the process's own task, on another thread.
    private readonly Task<int> _exited;

    internal IpcChildProcess(ChildProcess process, IpcConnection<T> connection, TimeSpan exitTimeout)
    {
        _process = process;
        _exitTimeout = exitTimeout;
        Connection = connection;
        _exited = Status(process);
    }

    /// <summary>The child's root object.</summary>
    public T Root => Connection.Root;

    /// <summary>The connection to the child.</summary>
    public IpcConnection<T> Connection { get; }

    /// <summary>The child's process id.</summary>
    public int Id => _process.Id;

    /// <summary>
    /// Completes when the child has ended, with its exit code, or with 128 plus the number of the signal that ended it.
    /// It has completed when <see cref="Dispose"/> or <see cref="DisposeAsync"/> has ended the child.
    /// </summary>
    public Task<int> Exited
        => !_exited.IsCompleted && _process.Exited.IsCompletedSuccessfully
            ? Task.FromResult(_process.Exited.Result.Status)
            : _exited;

    /// <summary>How the child ended, with the end of its standard error output; null while it runs.</summary>
    public IpcChildExit? Exit
    {
        get
        {
            if (!_process.Exited.IsCompletedSuccessfully)
            {
                return null;
            }

            ChildExit exit = _process.Exited.Result;
            return new IpcChildExit(
                exit.Signal == 0 ? exit.Code : null,
                exit.Signal > 0 ? exit.Signal : null,
                IpcChildProcess.LastWords(_process, new Deadline(Timeout.InfiniteTimeSpan)));
        }
    }

    /// <summary>Kills the child at once, without closing the connection first.</summary>
    public void Kill() => _process.Kill();

    /// <summary>
    /// Closes the connection, waits for the child to end, and kills it if it does not end in time. Takes at most
    /// <see cref="IpcSpawnOptions.ExitTimeout"/> in total, plus 2 seconds when the system is slow to end a killed
    /// process.
    /// </summary>
    public void Dispose()
    {
        var bound = new Deadline(_exitTimeout);
        Connection.Dispose();
        IpcChildProcess.End(_process, ref bound);

        // This process may end next: relay the child's last output first.
        _ = IpcChildProcess.LastWords(_process, bound);
    }

    /// <summary>As <see cref="Dispose"/>, without blocking a thread.</summary>
    public async ValueTask DisposeAsync()
    {
        var bound = new Deadline(_exitTimeout);
        await Connection.DisposeAsync().ConfigureAwait(false);
        try
        {
            await _process.Exited.WaitAsync(bound.Left).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            bound = new Deadline(IpcChildProcess.KillTimeout);
            _process.Kill();
            await ((Task)_process.Exited.WaitAsync(bound.Left)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await IpcChildProcess.LastWordsAsync(_process, bound).ConfigureAwait(false);
    }

    private static async Task<int> Status(ChildProcess process) => (await process.Exited.ConfigureAwait(false)).Status;
}
