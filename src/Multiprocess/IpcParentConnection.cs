using System.Runtime.InteropServices;
using Multiprocess.Connections;
using Multiprocess.Locks;
using Multiprocess.Logging;
using Multiprocess.Objects;
using Multiprocess.Processes;
using Multiprocess.Transports;

namespace Multiprocess;

/// <summary>
/// The connection of this process to its parent, in two steps: opened before this process can serve, and served later.
/// For a host that starts its services in between. <see cref="IpcParent.TryServe{T}(string[], Func{IpcConnection, T},
/// out int, IpcConnectionOptions)"/> takes both steps at once.
/// </summary>
/// <typeparam name="T">The contract of the root that this process serves to its parent.</typeparam>
/// <remarks>
/// <para>
/// Created by <see cref="IpcParent.TryConnect{T}(string[], IpcConnectionOptions)"/>. Thread-safe. Until it is disposed,
/// it does what a child owes its parent: Ctrl-C and SIGQUIT do not end this process, because they reach the parent too
/// and the parent decides; SIGTERM does not end it either, but cancels <see cref="Terminated"/>; and when the parent's
/// process has ended, the connection ends, and five seconds later this process, whatever its own threads do.
/// </para>
/// <para>
/// The host ends the process when <see cref="IpcConnection.Completion"/> of <see cref="Connection"/> completes. Its
/// exit code is 0 when the parent ended the connection or is gone (<see cref="IpcDisconnectedException"/>), 1 after
/// another failure, and <see cref="IpcParent.TerminatedExitCode"/> after SIGTERM.
/// </para>
/// </remarks>
public sealed class IpcParentConnection<T> : IDisposable, IAsyncDisposable where T : class
{
    private readonly CancellationTokenSource _terminated = new();
    private readonly Lock _lock = new();

    // Guarded by the lock: what is disposed with this object, the connection first of all.
    private readonly Stack<IDisposable> _open = [];
    private bool _isDisposed;

    private readonly ServedConnection _connection;
    private int _isServing;

    private IpcParentConnection(
        Func<Transport> connect, IpcConnectionOptions options, ContractBinding? parentRoot)
    {
        try
        {
            // The parent decides when its child ends, whichever key is pressed at their common terminal.
            TakeSignal(PosixSignal.SIGINT, ServedParent.SayInterrupted);
            TakeSignal(PosixSignal.SIGQUIT, static () => { });
            TakeSignal(PosixSignal.SIGTERM, () => Terminate(IpcLog.Create(options.LoggerFactory)));
            _connection = ServedConnection.Shake<T>(connect(), options, parentRoot);
            Keep(_connection);
            if (ServedParent.Watch(_connection) is { } watch)
            {
                Keep(watch);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>
    /// The connection. Calls of the parent wait until <see cref="Serve"/> has created the root.
    /// </summary>
    public IpcConnection Connection => _connection;

    /// <summary>
    /// Cancelled at SIGTERM, also when the signal came before this object was returned. The process does not end by
    /// itself: the host stops its services and ends it. Callbacks run on the thread that handles signals; their
    /// exceptions are logged.
    /// </summary>
    public CancellationToken Terminated => _terminated.Token;

    internal bool MayCallEarly => _connection.MayCallEarly;

    /// <summary>Creates the root, on the calling thread, and starts to serve the parent. Call this once.</summary>
    /// <param name="makeRoot">
    /// Creates the root. Calls that the parent makes earlier wait until it returns. When it throws, the connection
    /// ends, the parent is told, and the exception is thrown here. When the contract is disposable, the root is
    /// disposed when the connection ends, unless the parent has already disposed it.
    /// </param>
    /// <exception cref="IpcDisconnectedException">The connection has ended.</exception>
    /// <exception cref="InvalidOperationException">This method was called before.</exception>
    public void Serve(Func<IpcConnection, T> makeRoot)
    {
        ArgumentNullException.ThrowIfNull(makeRoot);
        if (Interlocked.Exchange(ref _isServing, 1) == 1)
        {
            throw new InvalidOperationException(
                $"Connection to the parent: Expected one call of {nameof(Serve)}, got a second one.");
        }

        _connection.Serve(makeRoot);
    }

    /// <summary>
    /// Ends the connection in bounded time, and leaves signals to the system again. May be called twice.
    /// </summary>
    public void Dispose()
    {
        IDisposable[] open;
        using (Uninterruptible.Enter(_lock))
        {
            _isDisposed = true;
            open = [.. _open];
            _open.Clear();
        }

        foreach (IDisposable one in open)
        {
            one.Dispose();
        }
    }

    /// <summary>As <see cref="Dispose"/>.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Connects to the parent that the arguments name; null when they name none.</summary>
    /// <param name="args">The program's arguments.</param>
    /// <param name="options">The connection's options.</param>
    /// <param name="parentRoot">The contract of the root that the parent may serve; null for none.</param>
    internal static IpcParentConnection<T>? TryOpen(
        string[] args, IpcConnectionOptions options, ContractBinding? parentRoot)
        => ServedParent.FindParent(args, options) is { } connect
            ? new IpcParentConnection<T>(connect, options, parentRoot)
            : null;

    private void Terminate(Microsoft.Extensions.Logging.ILogger logger)
    {
        try
        {
            _terminated.Cancel();
        }
        catch (Exception failure)
        {
            // On the thread that handles signals, an exception would end the process.
            IpcLog.CallbackFailed(logger, nameof(Terminated), failure);
        }
    }

    private void TakeSignal(PosixSignal signal, Action act)
        => Keep(PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            act();
        }));

    private void Keep(IDisposable open)
    {
        using (Uninterruptible.Enter(_lock))
        {
            if (!_isDisposed)
            {
                _open.Push(open);
                return;
            }
        }

        open.Dispose();
    }
}
