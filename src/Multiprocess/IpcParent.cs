using Multiprocess.Connections;
using Multiprocess.Objects;
using Multiprocess.Processes;

namespace Multiprocess;

/// <summary>The child's side of <see cref="IpcChildProcess"/>: serves the parent that started this process.</summary>
public static class IpcParent
{
    /// <summary>
    /// The exit code of a child that shut down because of SIGTERM: 128 plus the signal's number, as if the signal had
    /// ended it. A supervisor tells it from the end of finished work.
    /// </summary>
    public const int TerminatedExitCode = ServedParent.Terminated;

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

    /// <summary>
    /// Connects to the parent, but does not serve it yet: for a host that starts its services first. Other programs
    /// call <see cref="TryServe{T}(string[], Func{IpcConnection, T}, out int, IpcConnectionOptions)"/>.
    /// </summary>
    /// <typeparam name="T">The contract of the root that this process will serve to its parent.</typeparam>
    /// <param name="args">
    /// The program's arguments; <c>-ipcfd n</c> or <c>-ipcpath path</c> among them means that a parent started this
    /// process.
    /// </param>
    /// <param name="options">The connection's options.</param>
    /// <returns>
    /// The connection, or null when this process was not started by a parent; nothing was done then. Calls of the
    /// parent wait until <see cref="IpcParentConnection{T}.Serve"/> has created the root.
    /// </returns>
    /// <remarks>
    /// Blocks during the handshake, for at most <see cref="IpcConnectionOptions.ConnectTimeout"/>. If the parent asked
    /// for a sandbox, this process enters it here. Call it early, from one thread, and once.
    /// </remarks>
    /// <example><code>
    /// using IpcParentConnection&lt;ICalculator&gt;? parent = IpcParent.TryConnect&lt;ICalculator&gt;(args);
    /// // … start services …
    /// parent?.Serve(connection =&gt; new Calculator());
    /// </code></example>
    /// <exception cref="IpcException">
    /// The arguments are not valid, or the connection to the parent cannot be opened. No call was run.
    /// </exception>
    /// <exception cref="InvalidOperationException">No generated code is registered for the contract.</exception>
    public static IpcParentConnection<T>? TryConnect<T>(string[] args, IpcConnectionOptions? options = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(args);
        return IpcParentConnection<T>.TryOpen(args, options ?? new IpcConnectionOptions(), parentRoot: null);
    }

    /// <summary>
    /// As <see cref="TryConnect{T}(string[], IpcConnectionOptions)"/>; also finds the root that the parent serves to
    /// this process (<see cref="IpcSpawnOptions.ParentRoot"/>).
    /// </summary>
    /// <typeparam name="T">The contract of the root that this process will serve to its parent.</typeparam>
    /// <typeparam name="TParent">The contract of the parent's root.</typeparam>
    /// <param name="args">The program's arguments.</param>
    /// <param name="parentRoot">
    /// The parent's root; null when the parent serves none of this contract. It can be called at once, before this
    /// process serves. When it is not null, the parent must not call before this process has told it, over this root,
    /// that it serves; a call that the parent makes earlier ends the connection.
    /// </param>
    /// <param name="options">The connection's options.</param>
    /// <inheritdoc cref="TryConnect{T}(string[], IpcConnectionOptions)" path="/returns"/>
    /// <inheritdoc cref="TryConnect{T}(string[], IpcConnectionOptions)" path="/remarks"/>
    /// <inheritdoc cref="TryConnect{T}(string[], IpcConnectionOptions)" path="/exception"/>
    public static IpcParentConnection<T>? TryConnect<T, TParent>(
        string[] args, out TParent? parentRoot, IpcConnectionOptions? options = null)
        where T : class
        where TParent : class
    {
        ArgumentNullException.ThrowIfNull(args);
        IpcParentConnection<T>? parent = IpcParentConnection<T>.TryOpen(
            args, options ?? new IpcConnectionOptions(), ContractBinding<TParent>.Instance);
        try
        {
            parentRoot = parent is { MayCallEarly: true } ? parent.Connection.Core.ImportRoot<TParent>() : null;
            return parent;
        }
        catch
        {
            // The parent has left in the meantime.
            parent?.Dispose();
            throw;
        }
    }

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
