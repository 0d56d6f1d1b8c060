using System.Runtime.InteropServices;
using Multiprocess.Connections;
using Multiprocess.Transports;

namespace Multiprocess;

/// <summary>The child's side of <see cref="IpcChildProcess"/>: serves the parent that started this process.</summary>
public static class IpcParent
{
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_lastResort = TimeSpan.FromSeconds(5);

    /// <summary>Serves the parent until it closes the connection or ends. To be called first in <c>Main</c>.</summary>
    /// <param name="args">The program's arguments; <c>-ipcfd n</c> or <c>-ipcpath path</c> among them says that a parent is there.</param>
    /// <param name="makeRoot">Makes the root. The parent's early calls wait until it returns.</param>
    /// <param name="exitCode">What to return from <c>Main</c>: 0 when the parent ended the connection, 1 after an error, which is written to standard error.</param>
    /// <param name="options">The connection's options.</param>
    /// <returns>False when this process was not started by a parent: nothing was done.</returns>
    /// <remarks>
    /// While it serves, Ctrl-C is left to the parent, and SIGTERM shuts the connection down. Blocks the calling thread;
    /// calls run on threads of their own.
    /// </remarks>
    /// <example><code>
    /// if (IpcParent.TryServe&lt;ICalculator&gt;(args, connection =&gt; new Calculator(), out int exitCode)) return exitCode;
    /// </code></example>
    public static bool TryServe<T>(string[] args, Func<IpcConnection, T> makeRoot, out int exitCode, IpcConnectionOptions? options = null) where T : class
    {
        int? served = TryServeAsync(args, makeRoot, options).GetAwaiter().GetResult();
        exitCode = served ?? 0;
        return served is not null;
    }

    /// <summary>Serves the parent until it closes the connection or ends. To be called first in <c>Main</c>.</summary>
    /// <returns>What to return from <c>Main</c>, or null when this process was not started by a parent.</returns>
    /// <inheritdoc cref="TryServe{T}" path="/param"/>
    /// <inheritdoc cref="TryServe{T}" path="/remarks"/>
    public static async Task<int?> TryServeAsync<T>(string[] args, Func<IpcConnection, T> makeRoot, IpcConnectionOptions? options = null) where T : class
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(makeRoot);
        try
        {
            options ??= new IpcConnectionOptions();
            Func<IpcPeer, bool> allows = Endpoint.Allows(options);
            Func<Transport>? open = InheritedSocket.FindArgument(args) is { } descriptor ? () => InheritedSocket.Open(descriptor, allows)
                : Rendezvous.FindArgument(args) is { } path ? () => Rendezvous.Connect(path, Console.OpenStandardInput(), allows)
                : null;
            return open is null ? null : await Serve(open, makeRoot, options).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The parent sees only that the connection ended; the reason belongs where its user looks.
            await Console.Error.WriteLineAsync($"[{ProgramName}] {(exception is IpcException ? exception.Message : exception)}").ConfigureAwait(false);
            return 1;
        }
    }

    private static string ProgramName => Path.GetFileNameWithoutExtension(Environment.ProcessPath) ?? "child";

    private static async Task<int> Serve<T>(Func<Transport> open, Func<IpcConnection, T> makeRoot, IpcConnectionOptions options) where T : class
    {
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            Console.Error.WriteLine($"[{ProgramName}] SIGINT received — waiting for parent to shut down.");
        });
        Transport transport = open();
        using ServedConnection connection = ServedConnection.Open(transport, options, makeRoot);
        using ParentWatch? watch = OperatingSystem.IsLinux() ? ParentWatch.TryStart(transport.Peer.ProcessId, () => ParentEnded(connection)) : null;
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            _ = connection.ShutdownAsync(s_drain);
        });
        try
        {
            await connection.Completion.ConfigureAwait(false);
        }
        catch (IpcDisconnectedException)
        {
            // The parent ended without a word; so does its child.
        }

        return 0;
    }

    /// <summary>The connection normally ends with the parent, but another process may hold a copy of its socket.</summary>
    private static void ParentEnded(ServedConnection connection)
    {
        connection.Dispose();

        // A child must not outlive its parent, whatever its own threads do.
        Thread.Sleep(s_lastResort);
        Environment.Exit(0);
    }
}
