using Microsoft.Extensions.Logging;
using Multiprocess.Connections;
using Multiprocess.Logging;
using Multiprocess.Metrics;
using Multiprocess.Processes;
using Multiprocess.Recording;
using Multiprocess.Transports.Unix;
using Multiprocess.Transports;

namespace Multiprocess;

/// <summary>Starts child processes that serve a root over a socketpair.</summary>
public static class IpcChildProcess
{
    private static readonly TimeSpan s_lastWords = TimeSpan.FromMilliseconds(500);

    // For a child that closed its end before it served, where the options would wait for ever.
    private static readonly TimeSpan s_ownEnd = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long all that follows a kill may take in sum: until the process is reaped, which only the system can delay, and
    /// until what it wrote last is read. It is reaped later where that does not do.
    /// </summary>
    internal static readonly TimeSpan KillTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Starts a program and connects to the root that it serves with <see cref="IpcParent"/>.</summary>
    /// <param name="program">A bare name of a program beside this process's own executable, or a path.</param>
    /// <param name="options">How to start, end and talk to the child.</param>
    /// <exception cref="IpcException">
    /// The program is missing, cannot be executed, ended before it served, or serves something else; the message names
    /// the program and the step. Or nothing can be recorded in <see cref="IpcConnectionOptions.RecordFolder"/>, which is found
    /// out before anything is started. Nothing is left running.
    /// </exception>
    /// <exception cref="ArgumentException">An argument or a variable cannot be handed to a program, because it holds a NUL character for example.</exception>
    public static IpcChildProcess<T> Spawn<T>(string program, IpcSpawnOptions? options = null) where T : class
        => Run<T>(program, options, CancellationToken.None);

    /// <summary>As <see cref="Spawn{T}"/>, holding no thread of the caller's while the child starts.</summary>
    /// <param name="program">A bare name of a program beside this process's own executable, or a path.</param>
    /// <param name="options">How to start, end and talk to the child.</param>
    /// <param name="cancellationToken">Ends the start, and kills the child if there is one already.</param>
    /// <inheritdoc cref="Spawn{T}" path="/exception"/>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled. Nothing is left running.</exception>
    public static Task<IpcChildProcess<T>> SpawnAsync<T>(string program, IpcSpawnOptions? options = null, CancellationToken cancellationToken = default) where T : class
        => RunAsync<T>(program, options, cancellationToken);

    /// <inheritdoc cref="Run"/>
    internal static Task<IpcChildProcess<T>> RunAsync<T>(
        string program, IpcSpawnOptions? options, CancellationToken cancellationToken, PeerRoot? serves = null) where T : class
        => cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<IpcChildProcess<T>>(cancellationToken)
            : Task.Factory.StartNew(() => Run<T>(program, options, cancellationToken, serves), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <param name="program">A bare name of a program beside this process's own executable, or a path.</param>
    /// <param name="options">How to start, end and talk to the child.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="serves">What this side serves the child; null for nothing.</param>
    internal static IpcChildProcess<T> Run<T>(
        string program, IpcSpawnOptions? options, CancellationToken cancellationToken, PeerRoot? serves = null) where T : class
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

                // Whoever waits for its first word hears that it has ended.
                kill = cancellationToken.UnsafeRegister(static state => ((ChildProcess)state!).Kill(), started);
            });
            IpcConnection<T> connection = IpcConnection<T>.Open(transport, options, serves);
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
            throw new OperationCanceledException($"The start of {process.Program} was cancelled.", exception, cancellationToken);
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
        bool inherits = options.Channel == IpcSpawnChannel.Inherited || (options.Channel == IpcSpawnChannel.Default && OperatingSystem.IsLinux());
        if (!inherits)
        {
            return Rendezvous.Launch(launch, options.ConnectTimeout, started);
        }

        (ChildProcess process, UnixSocketTransport transport) = ChildLauncher.Launch(launch);
        started(process);
        return transport;
    }

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
        // A child whose end of the socket closed is ending by itself, and how it ends says most.
        bool mayEnd = exception is IpcDisconnectedException;
        var bound = new TimeBound(!mayEnd ? KillTimeout : exitTimeout == Timeout.InfiniteTimeSpan ? s_ownEnd : exitTimeout);
        if (!mayEnd)
        {
            process.Kill();
        }

        bool endedByItself = End(process, ref bound) && mayEnd;
        string message = endedByItself
            ? $"{process.Program} ended with {process.Exited.Result} before it served. Does its Main call IpcParent.TryServe?"
            : $"{process.Program} did not serve: {exception.Message} The process was ended.";
        IpcErrorKind kind = exception.Kind == IpcErrorKind.Refused ? IpcErrorKind.Refused : IpcErrorKind.SpawnFailed;
        return LastWords(process, bound) is { Length: > 0 } words
            ? IpcException.Quoting(kind, $"{message} It wrote to standard error:", words, exception)
            : new IpcException(kind, message, exception);
    }

    /// <summary>Waits until the child has ended, and kills it at the bound; then the bound is the one for what follows a kill.</summary>
    /// <returns>False when it was killed.</returns>
    internal static bool End(ChildProcess process, ref TimeBound bound)
    {
        if (process.Wait(bound.Left))
        {
            return true;
        }

        bound = new TimeBound(KillTimeout);
        process.Kill();
        process.Wait(bound.Left);
        return false;
    }

    /// <summary>As <see cref="LastWords"/>, holding no thread and without the words.</summary>
    internal static async Task LastWordsAsync(ChildProcess process, TimeBound bound)
    {
        Task read = Task.WhenAll(process.Output?.Ended ?? Task.CompletedTask, process.Errors?.Ended ?? Task.CompletedTask);
        await ((Task)read.WaitAsync(Moment(bound))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>How long to wait for what is still in the pipes; a grandchild that lives on may hold them open for ever.</summary>
    private static TimeSpan Moment(TimeBound bound)
    {
        TimeSpan left = bound.Left;
        return left == Timeout.InfiniteTimeSpan || left > s_lastWords ? s_lastWords : left;
    }

    /// <summary>What an ended child wrote last.</summary>
    internal static string LastWords(ChildProcess process, TimeBound bound)
    {
        var moment = new TimeBound(Moment(bound));
        _ = process.Output?.WaitForEnd(moment.Left);
        _ = process.Errors?.WaitForEnd(moment.Left);
        return process.Errors?.Text ?? string.Empty;
    }
}

/// <summary>A child process and the connection to the root that it serves.</summary>
/// <typeparam name="T">The contract of the root.</typeparam>
/// <remarks>
/// Thread-safe. Dispose closes the connection and waits for the child to end, both in sum at most
/// <see cref="IpcSpawnOptions.ExitTimeout"/>, then kills it; either way it is reaped. Several children end side by side, in
/// the time of one, where <see cref="DisposeAsync"/> is called for all before the first is awaited.
/// </remarks>
public sealed class IpcChildProcess<T> : IDisposable, IAsyncDisposable where T : class
{
    private readonly ChildProcess _process;
    private readonly TimeSpan _exitTimeout;

    internal IpcChildProcess(ChildProcess process, IpcConnection<T> connection, TimeSpan exitTimeout)
    {
        _process = process;
        _exitTimeout = exitTimeout;
        Connection = connection;
        Exited = Status(process);
    }

    /// <summary>The child's root object.</summary>
    public T Root => Connection.Root;

    /// <summary>The connection to the child.</summary>
    public IpcConnection<T> Connection { get; }

    /// <summary>The child's process id.</summary>
    public int Id => _process.Id;

    /// <summary>Ends when the child has: its exit code, or 128 and the number of the signal that ended it.</summary>
    public Task<int> Exited { get; }

    /// <summary>How the child ended, with the last lines of its standard error; null while it runs.</summary>
    public IpcChildExit? Exit
    {
        get
        {
            if (!_process.Exited.IsCompletedSuccessfully)
            {
                return null;
            }

            ChildExit exit = _process.Exited.Result;
            return new IpcChildExit(exit.Signal == 0 ? exit.Code : null, exit.Signal > 0 ? exit.Signal : null, IpcChildProcess.LastWords(_process, new TimeBound(Timeout.InfiniteTimeSpan)));
        }
    }

    /// <summary>Ends the child at once, without closing the connection first.</summary>
    public void Kill() => _process.Kill();

    /// <summary>
    /// Closes the connection, waits for the child to end, and kills it if it does not in time. Takes at most
    /// <see cref="IpcSpawnOptions.ExitTimeout"/> in sum, and 2 seconds more where the system is slow to end a killed process.
    /// </summary>
    public void Dispose()
    {
        var bound = new TimeBound(_exitTimeout);
        Connection.Dispose();
        IpcChildProcess.End(_process, ref bound);

        // What it wrote last is to be seen before this process may end.
        _ = IpcChildProcess.LastWords(_process, bound);
    }

    /// <summary>As <see cref="Dispose"/>, holding no thread while it waits.</summary>
    public async ValueTask DisposeAsync()
    {
        var bound = new TimeBound(_exitTimeout);
        await Connection.DisposeAsync().ConfigureAwait(false);
        try
        {
            await _process.Exited.WaitAsync(bound.Left).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            bound = new TimeBound(IpcChildProcess.KillTimeout);
            _process.Kill();
            await ((Task)_process.Exited.WaitAsync(bound.Left)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await IpcChildProcess.LastWordsAsync(_process, bound).ConfigureAwait(false);
    }

    private static async Task<int> Status(ChildProcess process) => (await process.Exited.ConfigureAwait(false)).Status;
}
