using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Multiprocess.Connections;
using Multiprocess.Hosting.Contracts;
using Multiprocess.Hosting.Logging;
using Multiprocess.Objects;
using Multiprocess.Processes;

namespace Multiprocess.Hosting.Parents;

/// <summary>The connection of this process to its parent, from the builder's call to the end of the process.</summary>
/// <remarks>
/// Opened, then attached to the host that is built, then closed. The parent's end, its wish to end this process, and
/// SIGTERM stop the host; before it is attached they are remembered. All members may be called from any thread.
/// </remarks>
internal sealed class ParentLink : IHostedChild
{
    private readonly IpcParentOptions _options;
    private readonly LateLoggerFactory _lateLoggers;
    private readonly List<IDisposable> _open = [];
    private readonly Lock _lock = new();

    // Under the lock.
    private IHostApplicationLifetime? _lifetime;
    private bool _mustStop;
    private bool _isClosed;
    private int _exitCode;

    private ParentLink(ServedConnection connection, IpcParentOptions options, LateLoggerFactory lateLoggers)
    {
        Connection = connection;
        _options = options;
        _lateLoggers = lateLoggers;
    }

    /// <summary>The connection.</summary>
    public ServedConnection Connection { get; }

    /// <summary>The parent's host; null where the parent has none.</summary>
    public IParentHost? Host { get; private set; }

    /// <summary>What the parent's host said on the first call; null where the parent has none.</summary>
    public ChildStartup? Startup { get; private set; }

    /// <summary>The records that wait for the parent; null where it takes none.</summary>
    public LogQueue? Queue { get; private set; }

    /// <summary>Connects to the parent that the arguments tell of, and makes the first call.</summary>
    /// <returns>Null when they tell of none.</returns>
    /// <exception cref="IpcException">There is a parent, and it cannot be talked to.</exception>
    public static ParentLink? TryOpen<T>(string[] args, IpcParentOptions options) where T : class
    {
        if (ServedParent.FindParent(args, options.Connection) is not { } connect)
        {
            return null;
        }

        var lateLoggers = new LateLoggerFactory();
        IpcConnectionOptions how = options.Connection.LoggerFactory is null
            ? options.Connection with { LoggerFactory = lateLoggers }
            : options.Connection;
        ServedConnection connection = ServedConnection.Shake<T>(
            connect(), how, static served => served == ContractBinding<IParentHost>.Instance.Name);
        var link = new ParentLink(connection, options, lateLoggers);
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

    /// <summary>The host is built: from now on it is told to stop.</summary>
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

    /// <summary>Makes the root, and tells the parent that it may call.</summary>
    public void Serve<T>(Func<IpcConnection, T> makeRoot) where T : class
    {
        try
        {
            Connection.Serve(makeRoot);
            Host?.Ready(this);
        }
        catch (IpcDisconnectedException)
        {
            // The parent has left meanwhile; that stops the host.
        }
    }

    public Task StopAsync()
    {
        Stop(exitCode: null);
        return Task.CompletedTask;
    }

    /// <summary>Ends this process with an error: its root could not be made.</summary>
    public void Fail() => Stop(exitCode: 1);

    /// <summary>
    /// Waits for the last log records. The connection stays open: services that are disposed may log too.
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
        Connection.Dispose();
        lock (_lock)
        {
            _open.ForEach(open => open.Dispose());
            _open.Clear();
        }
    }

    private void Begin()
    {
        // The parent decides when its child ends, whatever key is pressed at the terminal that both have.
        TakeSignal(PosixSignal.SIGINT, ServedParent.SayInterrupted);
        TakeSignal(PosixSignal.SIGQUIT, static () => { });
        TakeSignal(PosixSignal.SIGTERM, () => Stop(ServedParent.Terminated));
        if (ServedParent.Watch(Connection) is { } watch)
        {
            _open.Add(watch);
        }

        if (Connection.Core.PeerServes == ContractBinding<IParentHost>.Instance.Name)
        {
            IParentHost host = Connection.Core.ImportRoot<IParentHost>();
            Host = host;
            Startup = host.Begin();
            Queue = Startup.TakesLogs
                ? new LogQueue(
                    host.Log, _options.MaxQueuedLogRecords, _options.LogQueueTimeout, _options.Connection.TimeProvider)
                : null;
        }

        // Last: what ends before is thrown.
        _ = Connection.Completion.ContinueWith(
            Ended, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

        // A Main that does not dispose its host, or ends without one.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Close();
    }

    private void TakeSignal(PosixSignal signal, Action act)
        => _open.Add(PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            act();
        }));

    private void Ended(Task completion)
    {
        // When the parent ended without a word, so does its child.
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
    /// What the process is to exit with, unless it is to exit with something else already; null to leave that.
    /// </param>
    private void Stop(int? exitCode)
    {
        IHostApplicationLifetime? lifetime;
        lock (_lock)
        {
            // What the host does after it was asked to stop is no reason of its own.
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
            // The host is gone already.
        }
    }
}
