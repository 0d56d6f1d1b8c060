using System.Runtime.InteropServices;
using Multiprocess.Connections;
using Multiprocess.Logging;
using Multiprocess.Sandboxing;
using Multiprocess.Transports;

namespace Multiprocess.Processes;

/// <summary>
/// What a child keeps open while it serves its parent: the connection, the signal handlers, and the watch on the
/// parent.
/// </summary>
/// <remarks>
/// Neither generic nor asynchronous up to the first call: such code is not compiled ahead of time, and would slow every
/// child's start.
/// </remarks>
internal sealed class ServedParent : IDisposable
{
    /// <summary>
    /// The exit code of a child that shut down because of SIGTERM: 128 plus the signal's number, as if the signal had
    /// ended it.
    /// </summary>
    public const int Terminated = 128 + 15;

    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_lastResort = TimeSpan.FromSeconds(5);

    private readonly List<IDisposable> _open = [];
    private ServedConnection? _connection;

    private ServedParent()
    {
    }

    /// <summary>Completes when serving has ended. Never fails.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>
    /// 0 when the parent ended the connection, 1 after an error, which was written to standard error, 143 after
    /// SIGTERM. Valid once serving has ended.
    /// </summary>
    public int ExitCode { get; private set; }

    private static string ProgramName => Path.GetFileNameWithoutExtension(Environment.ProcessPath) ?? "child";

    /// <summary>Starts serving the parent named by the arguments; returns null when they name none.</summary>
    public static ServedParent? TryOpen(
        string[] args,
        IpcConnectionOptions options,
        Func<Transport, ServedConnection> serve)
    {
        var parent = new ServedParent();
        try
        {
            if (FindParent(args, options) is not { } connect)
            {
                return null;
            }

            parent.TakeSignal(PosixSignal.SIGINT, SayInterrupted);
            parent.Open(connect(), serve);
        }
        catch (Exception exception)
        {
            parent.Fail(exception);
        }

        return parent;
    }

    /// <summary>
    /// Finds out how to reach the parent named by the arguments; null when they name none. If the parent asked for a
    /// sandbox, this method confines the process.
    /// </summary>
    /// <exception cref="IpcException">The arguments are not valid.</exception>
    public static Func<Transport>? FindParent(string[] args, IpcConnectionOptions options)
    {
        Func<IpcPeer, bool> allows = Endpoint.Allows(options);
        Func<Transport>? connect = InheritedSocket.FindArgument(args) is { } descriptor ? () => InheritedSocket.Open(
            descriptor, allows)
            : Rendezvous.FindArgument(args) is { } path
                ? () => Rendezvous.Connect(path, Console.OpenStandardInput(), allows)
            : null;
        if (connect is not null)
        {
            ConfinedChild.Enter();
        }

        return connect;
    }

    /// <summary>
    /// Writes why the child does not end. Ctrl-C at a terminal reaches both parent and child.
    /// </summary>
    public static void SayInterrupted()
        => Console.Error.WriteLine(
            $"[{IpcText.Escape(ProgramName)}] SIGINT received — waiting for parent to shut down.");

    /// <summary>
    /// Watches the parent, and ends this process when the parent has ended. Dispose the result when serving ends.
    /// </summary>
    public static IDisposable? Watch(IpcConnection connection)
    {
        try
        {
            return OperatingSystem.IsLinux()
                ? ParentWatch.TryStart(connection.Peer.ProcessId, () => ParentEnded(connection))
                : null;
        }
        catch (Exception exception) when (exception is OutOfMemoryException or IOException)
        {
            // Without the watch, the child might outlive its parent.
            throw new IpcException(
                IpcErrorKind.LimitExceeded, $"The parent cannot be watched: {exception.Message}", exception);
        }
    }

    public void Dispose()
    {
        for (int i = _open.Count - 1; i >= 0; i--)
        {
            _open[i].Dispose();
        }
    }

    /// <summary>
    /// Ends the service as SIGTERM does, but with exit code 0, because this process itself requested it.
    /// </summary>
    public void Stop()
    {
        if (_connection is { } connection)
        {
            _ = connection.ShutdownAsync(s_drain);
        }
    }

    private void Open(Transport transport, Func<Transport, ServedConnection> serve)
    {
        ServedConnection connection = serve(transport);
        _connection = connection;
        _open.Add(connection);
        if (Watch(connection) is { } watch)
        {
            _open.Add(watch);
        }

        TakeSignal(PosixSignal.SIGTERM, () =>
        {
            // A supervisor must be able to tell this exit from one after finished work.
            if (!connection.Completion.IsCompleted)
            {
                ExitCode = Terminated;
            }

            _ = connection.ShutdownAsync(s_drain);
        });
        Completion = connection.Completion.ContinueWith(
            Ended,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private void Ended(Task completion)
    {
        // When the parent ended without a Goodbye, the child ends without an error.
        if (completion.Exception?.InnerException is { } exception and not IpcDisconnectedException)
        {
            Fail(exception);
        }
    }

    private void TakeSignal(PosixSignal signal, Action act)
        => _open.Add(PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            act();
        }));

    /// <summary>The parent sees only that the connection ended; the user must see the reason.</summary>
    private void Fail(Exception exception)
    {
        ExitCode = 1;
        try
        {
            object reason = exception is IpcException ? exception.Message : LoggedException.Of(exception);
            Console.Error.WriteLine($"[{IpcText.Escape(ProgramName)}] {reason}");
        }
        catch (Exception failure)
            when (failure is IOException or System.ComponentModel.Win32Exception or OutOfMemoryException)
        {
            // Standard error is closed, or the console lacks the same resource as the service did. The exit code
            // remains.
        }
    }

    /// <summary>
    /// The connection normally ends with the parent, but another process may hold a copy of its socket.
    /// </summary>
    private static void ParentEnded(IpcConnection connection)
    {
        connection.Dispose();

        // A child must not outlive its parent, whatever its own threads do.
        Thread.Sleep(s_lastResort);
        Environment.Exit(0);
    }
}
