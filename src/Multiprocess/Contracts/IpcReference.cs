using System.ComponentModel;
using Multiprocess.Calls;

namespace Multiprocess.Contracts;

/// <summary>What a proxy holds: a counted reference to an object of the peer.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class IpcReference
{
    private const int Live = 0;
    private const int Disposed = 1;
    private const int Returned = 2;

    private readonly object _channel;
    private WeakReference<IpcProxy>? _proxy;
    private int _released;

    internal IpcReference(object channel, long handle, ContractBinding contract)
    {
        _channel = channel;
        Handle = handle;
        Contract = contract;
    }

    internal CallChannel Channel => System.Runtime.CompilerServices.Unsafe.As<CallChannel>(_channel);

    internal long Handle { get; }

    internal ContractBinding Contract { get; }

    /// <summary>How many times it arrived. Under the import table's lock.</summary>
    internal long Count { get; set; }

    internal long CreatedTimestamp { get; init; }

    internal string? CreationStack { get; init; }

    /// <summary>The proxy, while it lives.</summary>
    internal IpcProxy? Proxy => _proxy is not null && _proxy.TryGetTarget(out IpcProxy? proxy) && !IsReleased ? proxy : null;

    /// <summary>True once the proxy was disposed or collected, or the call for which it was borrowed has ended.</summary>
    internal bool IsReleased => Volatile.Read(ref _released) != Live;

    internal void SetProxy(IpcProxy proxy) => _proxy = new WeakReference<IpcProxy>(proxy);

    /// <summary>Returns true for the first caller only: who releases.</summary>
    internal bool BeginRelease() => Interlocked.CompareExchange(ref _released, Disposed, Live) == Live;

    /// <summary>Ends the reference with the call for which it was borrowed; false when it has ended before.</summary>
    internal bool EndBorrowing() => Interlocked.CompareExchange(ref _released, Returned, Live) == Live;

    /// <summary>What the use of a reference that has ended throws.</summary>
    internal ObjectDisposedException Ended(string consequence = "")
        => new(
            Contract.Name,
            (Volatile.Read(ref _released) == Returned
                ? "The reference was borrowed for one call, which has ended."
                : "The proxy was disposed.") + (consequence.Length > 0 ? " " + consequence : ""));
}
