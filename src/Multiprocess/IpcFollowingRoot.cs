using Multiprocess.Generated;
using Multiprocess.Objects;

namespace Multiprocess;

/// <summary>
/// Creates a root that outlives its connection: each call goes to the root that a function returns at that moment.
/// </summary>
/// <remarks>
/// For code that opens a new connection after a loss, and hands out one object before and after it. A supervised child
/// has such a root already: <see cref="IpcSupervisor{T}.FollowingRoot"/>.
/// </remarks>
public static class IpcFollowingRoot
{
    /// <summary>Creates a root that follows a function.</summary>
    /// <typeparam name="T">The contract of the root.</typeparam>
    /// <param name="connect">
    /// Returns the root to call, for each call, on the calling thread. It may block while it connects. When it throws,
    /// the call throws the same, and was not sent. It must not return the root that it is passed to.
    /// </param>
    /// <param name="current">
    /// Returns the root of the current connection, or null if there is none. It must return at once, connect nothing
    /// and never throw. It is asked when no call needs a connection: when the following root is disposed, or is passed
    /// as an argument of a call.
    /// </param>
    /// <returns>
    /// The root. Thread-safe if both functions are; they run on many threads at the same time. Disposing it disposes
    /// the root of the current connection.
    /// </returns>
    /// <remarks>
    /// No call is made twice: a call in progress when its connection ends throws
    /// <see cref="IpcDisconnectedException"/>, and may have run. Event handlers and returned objects belong to the
    /// connection of their call and end with it. A call throws <see cref="InvalidOperationException"/>, and was not
    /// sent, if <paramref name="connect"/> returns something other than a root or an object that was received under the
    /// contract <typeparamref name="T"/>.
    /// </remarks>
    /// <example><code>
    /// ICalculator calculator = IpcFollowingRoot.Create(() =&gt; Connection().Root, () =&gt; connection?.Root);
    /// </code></example>
    /// <exception cref="InvalidOperationException">
    /// No generated code is registered for <typeparamref name="T"/>.
    /// </exception>
    public static T Create<T>(Func<T> connect, Func<T?> current) where T : class
    {
        ArgumentNullException.ThrowIfNull(connect);
        ArgumentNullException.ThrowIfNull(current);
        ContractBinding<T> contract = ContractBinding<T>.Instance;
        return (T)IpcProxy.Following(contract, isCall => isCall
            ? Target(connect(), contract)
            : current() is { } root ? IpcProxy.Behind(root) : null).Face;
    }

    /// <summary>The proxy to call. A root that follows too is asked by the call itself.</summary>
    private static IpcProxy Target(object? root, ContractBinding contract)
        => (root as IpcProxy ?? (root is null ? null : IpcProxy.Behind(root))) is { } proxy
            && proxy.Reference.Contract == contract
            ? proxy
            : throw new InvalidOperationException(
                $"Target of a following root: Expected a proxy of {contract.Name}, got {Described(root)}.");

    private static string Described(object? root)
        => root switch
        {
            null => "null",
            IpcProxy proxy => $"a proxy of {proxy.Reference.Contract.Name}",
            _ => root.GetType().FullName ?? root.GetType().Name,
        };
}
