using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Multiprocess.Hosting.Contracts;
using Multiprocess.Hosting.Logging;

namespace Multiprocess.Hosting.Parents;

/// <summary>
/// The connection of this process to its parent, from the call on the builder to the end of the process.
/// </summary>
/// <typeparam name="T">The contract that this process serves to its parent.</typeparam>
/// <remarks>
/// States: opened, then attached to the built host, then closed. The host stops when the parent ends, when the parent
/// asks for the end of this process, and at SIGTERM. Before the host is attached, these requests are remembered. All
/// members may be called from any thread.
/// </remarks>
internal sealed class ParentLink<T> : IHostedChild where T : class
{
    private readonly IpcParentConnection<T> _parent;
    private readonly IParentHost? _host;
    private readonly IpcParentOptions _options;
    private readonly LateLoggerFactory _lateLoggers;
    private readonly Lock _lock = new();

    // Guarded by the lock.
    private IHostApplicationLifetime? _lifetime;
    private bool _mustStop;
    private bool _isClosed;
    private int _exitCode;

    private ParentLink(
        IpcParentConnection<T> parent, IParentHost? host, IpcParentOptions options, LateLoggerFactory lateLoggers)
    {
        _parent = parent;
        _host = host;
        _options = options;
        _lateLoggers = lateLoggers;
    }

    /// <summary>The connection.</summary>
    public IpcConnection Connection => _parent.Connection;

    /// <summary>The answer of the parent's host to the first call; null if the parent has no host.</summary>
    public ChildStartup? Startup { get; private set; }

    /// <summary>The records that wait for the parent; null if the parent takes none.</summary>
    public LogQueue? Queue { get; private set; }

    /// <summary>Connects to the parent that the arguments name, and makes the first call.</summary>
    /// <returns>Null if the arguments name no parent.</returns>
    /// <exception cref="IpcException">The connection to the parent cannot be opened.</exception>
    public static ParentLink<T>? TryOpen(string[] args, IpcParentOptions options)
    {
        var lateLoggers = new LateLoggerFactory();
        IpcConnectionOptions how = options.Connection.LoggerFactory is null
            ? options.Connection with { LoggerFactory = lateLoggers }
            : options.Connection;
        if (IpcParent.TryConnect<T, IParentHost>(args, out IParentHost? host, how) is not { } parent)
        {
            return null;
        }

        var link = new ParentLink<T>(parent, host, options, lateLoggers);
        try
        {
            link.Begin();
            return link;
        }
        catch
        {
            link.Close();
            throw;
        }
    }

    /// <summary>Called when the host is built: from now on, requests to stop reach the host.</summary>
    public void Attach(IHostApplicationLifetime lifetime, ILoggerFactory loggers)
    {
        _lateLoggers.Set(loggers);
        lock (_lock)
        {
            _lifetime = lifetime;
            if (!_mustStop)
            {
                return;
            }
        }

        lifetime.StopApplication();
    }

    /// <summary>Creates the root, and tells the parent that it may call.</summary>
    public void Serve(Func<IpcConnection, T> makeRoot)
    {
        try
        {
            _parent.Serve(makeRoot);
            _host?.Ready(this);
        }
        catch (IpcDisconnectedException)
        {
            // The parent left in the meantime, which stops the host.
        }
    }

    public Task StopAsync()
    {
        Stop(exitCode: null);
        return Task.CompletedTask;
    }

    /// <summary>Ends this process with an error: its root could not be created.</summary>
    public void Fail() => Stop(exitCode: 1);

    /// <summary>
    /// Waits for the last log records. The connection stays open, because services may log while they are disposed.
    /// </summary>
    public void Flush()
    {
        _ = Queue?.Flush(_options.LogFlushTimeout);
        lock (_lock)
        {
            if (_exitCode != 0)
            {
                Environment.ExitCode = _exitCode;
            }
        }
    }

    /// <summary>Waits for the last log records, and ends the connection.</summary>
    public void Close()
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
        }

        Flush();
        Queue?.Close();
        _parent.Dispose();
    }

    private void Begin()
    {
        _ = _parent.Terminated.UnsafeRegister(
            static link => ((ParentLink<T>)link!).Stop(IpcParent.TerminatedExitCode), this);
        if (_host is { } host)
        {
            Startup = host.Begin();
            Queue = Startup.TakesLogs
                ? new LogQueue(
                    host.Log, _options.MaxQueuedLogRecords, _options.LogQueueTimeout, _options.Connection.TimeProvider)
                : null;
        }

        // Last: a failure of a step above is thrown before.
        _ = Connection.Completion.ContinueWith(
            Ended, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

        // For a Main that does not dispose its host, or ends without one.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Close();
    }

    private void Ended(Task completion)
    {
        // The parent ended without Goodbye, so the child ends too.
        if (completion.Exception?.InnerException is { } exception and not IpcDisconnectedException)
        {
            Console.Error.WriteLine(
                $"[{IpcText.Escape(Path.GetFileNameWithoutExtension(Environment.ProcessPath) ?? "child")}] "
                    + $"{IpcText.EscapeLines(exception.Message)}");
            Stop(exitCode: 1);
        }
        else
        {
            Stop(exitCode: null);
        }
    }

    /// <param name="exitCode">
    /// The exit code of the process, unless another one is already set; null to leave it unchanged.
    /// </param>
    private void Stop(int? exitCode)
    {
        IHostApplicationLifetime? lifetime;
        lock (_lock)
        {
            // Once the host was asked to stop, a later failure is not the reason for the end.
            if (!_mustStop && exitCode is { } code)
            {
                _exitCode = code;
            }

            _mustStop = true;
            lifetime = _lifetime;
        }

        try
        {
            lifetime?.StopApplication();
        }
        catch (ObjectDisposedException)
        {
            // The host is already gone.
        }
    }
}
