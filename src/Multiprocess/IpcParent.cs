using Multiprocess.Connections;
using Multiprocess.Processes;

namespace Multiprocess;

/// <summary>The child's side of <see cref="IpcChildProcess"/>: serves the parent that started this process.</summary>
public static class IpcParent
{
    /// <summary>Serves the parent until it closes the connection or ends. Call this first in <c>Main</c>.</summary>
    /// <param name="args">
    /// The program's arguments; <c>-ipcfd n</c> or <c>-ipcpath path</c> among them means that a parent started this
    /// process.
    /// </param>
    /// <param name="makeRoot">Creates the root. Calls that the parent makes earlier wait until it returns.</param>
    /// <param name="exitCode">
    /// The value to return from <c>Main</c>: 0 when the parent ended the connection; 1 after an error, which is written
    /// to standard error; 143 (128 plus the signal's number) after SIGTERM.
    /// </param>
    /// <param name="options">The connection's options.</param>
    /// <returns>False when this process was not started by a parent; nothing was done.</returns>
    /// <remarks>
    /// While this method serves, the parent handles Ctrl-C, and SIGTERM shuts the connection down. Blocks the calling
    /// thread; calls run on other threads.
    /// </remarks>
    /// <example><code>
    /// if (IpcParent.TryServe&lt;ICalculator&gt;(args, connection =&gt; new Calculator(), out int exitCode))
    /// {
    ///     return exitCode;
    /// }
    /// </code></example>
    public static bool TryServe<T>(
        string[] args,
        Func<IpcConnection, T> makeRoot,
        out int exitCode,
        IpcConnectionOptions? options = null) where T : class
    {
        using ServedParent? parent = Open(args, makeRoot, options);
        parent?.Completion.Wait();
        exitCode = parent?.ExitCode ?? 0;
        return parent is not null;
    }

    /// <summary>
    /// Serves the parent until it closes the connection or ends, with a root created from services. Call this first in
    /// <c>Main</c>.
    /// </summary>
    /// <param name="args">
    /// The program's arguments; <c>-ipcfd n</c> or <c>-ipcpath path</c> among them means that a parent started this
    /// process.
    /// </param>
    /// <param name="services">The services that the root is created from. They are not disposed.</param>
    /// <param name="makeRoot">Creates the root. Calls that the parent makes earlier wait until it returns.</param>
    /// <param name="exitCode">The value to return from <c>Main</c>.</param>
    /// <param name="options">The connection's options.</param>
    /// <inheritdoc cref="TryServe{T}(string[], Func{IpcConnection, T}, out int, IpcConnectionOptions)"
    /// path="/returns"/>
    /// <inheritdoc cref="TryServe{T}(string[], Func{IpcConnection, T}, out int, IpcConnectionOptions)"
    /// path="/remarks"/>
    /// <example><code>
    /// if (IpcParent.TryServe&lt;ICalculator&gt;(
    ///     args, services, (services, _) =&gt; services.GetRequiredService&lt;Calculator&gt;(), out int exitCode))
    /// {
    ///     return exitCode;
    /// }
    /// </code></example>
    public static bool TryServe<T>(
        string[] args,
        IServiceProvider services,
        Func<IServiceProvider, IpcConnection, T> makeRoot,
        out int exitCode,
        IpcConnectionOptions? options = null) where T : class
        => TryServe(args, Bind(services, makeRoot), out exitCode, options);

    /// <summary>
    /// Serves the parent until it closes the connection or ends, or <paramref name="cancellationToken"/> is cancelled.
    /// Call this first in <c>Main</c>.
    /// </summary>
    /// <param name="args">
    /// The program's arguments; <c>-ipcfd n</c> or <c>-ipcpath path</c> among them means that a parent started this
    /// process.
    /// </param>
    /// <param name="makeRoot">Creates the root. Calls that the parent makes earlier wait until it returns.</param>
    /// <param name="options">The connection's options.</param>
    /// <param name="cancellationToken">
    /// Shuts the connection down, as SIGTERM does: cancels running calls and waits for them for at most 2 seconds. The
    /// task then completes as if the parent had closed the connection; it is not cancelled.
    /// </param>
    /// <returns>The value to return from <c>Main</c>, or null when this process was not started by a parent.</returns>
    /// <inheritdoc cref="TryServe{T}(string[], Func{IpcConnection, T}, out int, IpcConnectionOptions)"
    /// path="/remarks"/>
    public static async Task<int?> TryServeAsync<T>(
        string[] args,
        Func<IpcConnection, T> makeRoot,
        IpcConnectionOptions? options = null,
        CancellationToken cancellationToken = default) where T : class
    {
        using ServedParent? parent = Open(args, makeRoot, options);
        using CancellationTokenRegistration stop = cancellationToken.UnsafeRegister(
            static state => (state as ServedParent)?.Stop(),
            parent);
        await (parent?.Completion ?? Task.CompletedTask).ConfigureAwait(false);
        return parent?.ExitCode;
    }

    /// <summary>As the overload with options, with default options.</summary>
    /// <inheritdoc cref="TryServeAsync{T}(string[], Func{IpcConnection, T}, IpcConnectionOptions, CancellationToken)"/>
    public static Task<int?> TryServeAsync<T>(
        string[] args,
        Func<IpcConnection, T> makeRoot,
        CancellationToken cancellationToken) where T : class
        => TryServeAsync(args, makeRoot, options: null, cancellationToken);

    /// <summary>Serves the parent with a root created from services. Call this first in <c>Main</c>.</summary>
    /// <param name="args">
    /// The program's arguments; <c>-ipcfd n</c> or <c>-ipcpath path</c> among them means that a parent started this
    /// process.
    /// </param>
    /// <param name="services">The services that the root is created from. They are not disposed.</param>
    /// <param name="makeRoot">Creates the root. Calls that the parent makes earlier wait until it returns.</param>
    /// <param name="options">The connection's options.</param>
    /// <param name="cancellationToken">Shuts the connection down, as SIGTERM does.</param>
    /// <inheritdoc cref="TryServeAsync{T}(string[], Func{IpcConnection, T}, IpcConnectionOptions, CancellationToken)"
    /// path="/returns"/>
    /// <inheritdoc cref="TryServe{T}(string[], Func{IpcConnection, T}, out int, IpcConnectionOptions)"
    /// path="/remarks"/>
    public static Task<int?> TryServeAsync<T>(
        string[] args,
        IServiceProvider services,
        Func<IServiceProvider, IpcConnection, T> makeRoot,
        IpcConnectionOptions? options = null,
        CancellationToken cancellationToken = default) where T : class
        => TryServeAsync(args, Bind(services, makeRoot), options, cancellationToken);

    private static Func<IpcConnection, T> Bind<T>(
        IServiceProvider services,
        Func<IServiceProvider, IpcConnection, T> makeRoot)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(makeRoot);
        return connection => makeRoot(services, connection);
    }

    private static ServedParent? Open<T>(
        string[] args,
        Func<IpcConnection, T> makeRoot,
        IpcConnectionOptions? options) where T : class
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(makeRoot);
        options ??= new IpcConnectionOptions();
        return ServedParent.TryOpen(args, options, transport => ServedConnection.Open(transport, options, makeRoot));
    }
}
