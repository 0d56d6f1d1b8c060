using Multiprocess.Objects;

namespace Multiprocess;

/// <summary>
/// A root that the parent serves to its child, in addition to the root that the child serves. For a host that has
/// something to tell its children, or something to be told, before they serve.
/// </summary>
/// <remarks>
/// <para>
/// Set as <see cref="IpcSpawnOptions.ParentRoot"/>. Thread-safe. One object may be used for many children: each
/// connection has a root of its own.
/// </para>
/// <para>
/// A child that asks for this root, with <c>IpcParent.TryConnect&lt;T, TParent&gt;</c>, may call it before the child's
/// own root exists. The contract must have a call with which the child says that its root exists; until then the parent
/// must not call the child, and a call that it makes anyway ends the connection with
/// <see cref="IpcProtocolException"/>. Other children ignore the root, and early calls to them wait, as usual.
/// </para>
/// </remarks>
/// <example><code>
/// var options = new IpcSpawnOptions { ParentRoot = IpcParentRoot.Of(connection =&gt; new Settings(connection.Peer)) };
/// </code></example>
public sealed class IpcParentRoot
{
    private readonly Func<IpcConnection, object> _make;

    private IpcParentRoot(ContractBinding contract, Func<IpcConnection, object> make)
    {
        Contract = contract;
        _make = make;
    }

    internal ContractBinding Contract { get; }

    /// <summary>Describes a root of the parent.</summary>
    /// <typeparam name="T">The contract of the root.</typeparam>
    /// <param name="make">
    /// Creates the root for a connection whose handshake has succeeded, on the thread that starts the child. It must
    /// not call the child. When it throws, the start of the child fails with the same exception, and the child is
    /// ended.
    /// </param>
    /// <exception cref="InvalidOperationException">
    /// No generated code is registered for <typeparamref name="T"/>.
    /// </exception>
    public static IpcParentRoot Of<T>(Func<IpcConnection, T> make) where T : class
    {
        ArgumentNullException.ThrowIfNull(make);
        return new IpcParentRoot(ContractBinding<T>.Instance, make);
    }

    internal object Make(IpcConnection connection)
        => _make(connection)
            ?? throw new InvalidOperationException(
                $"Factory of the parent's root: Expected {Contract.Name}, got null.");
}
