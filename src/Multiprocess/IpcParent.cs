using Multiprocess.Connections;
using Multiprocess.Processes;

namespace Multiprocess;

/// <summary>The child's side of <see cref="IpcChildProcess"/>: serves the parent that started this process.</summary>
public static class IpcParent
{
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
        using ServedParent? parent = Open(args, makeRoot, options);
        parent?.Completion.Wait();
        exitCode = parent?.ExitCode ?? 0;
        return parent is not null;
    }

    /// <summary>Serves the parent until it closes the connection or ends. To be called first in <c>Main</c>.</summary>
    /// <returns>What to return from <c>Main</c>, or null when this process was not started by a parent.</returns>
    /// <inheritdoc cref="TryServe{T}" path="/param"/>
    /// <inheritdoc cref="TryServe{T}" path="/remarks"/>
    public static async Task<int?> TryServeAsync<T>(string[] args, Func<IpcConnection, T> makeRoot, IpcConnectionOptions? options = null) where T : class
    {
        using ServedParent? parent = Open(args, makeRoot, options);
        await (parent?.Completion ?? Task.CompletedTask).ConfigureAwait(false);
        return parent?.ExitCode;
    }

    private static ServedParent? Open<T>(string[] args, Func<IpcConnection, T> makeRoot, IpcConnectionOptions? options) where T : class
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(makeRoot);
        options ??= new IpcConnectionOptions();
        return ServedParent.TryOpen(args, options, transport => ServedConnection.Open(transport, options, makeRoot));
    }
}
