using System.ComponentModel;
using Multiprocess.Calls;
using Multiprocess.Objects;

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

    // The holder's own, and one for each message under way that names the object. Whoever ends the last one gives the
    // reference back: a Release must not overtake what was begun before it.
    private int _uses = 1;

    internal IpcReference(object channel, long handle, ContractBinding contract)
    {
        _channel = channel;
        Handle = handle;
        Contract = contract;
    }

    internal CallChannel Channel => System.Runtime.CompilerServices.Unsafe.As<CallChannel>(_channel);

    internal long Handle { get; }

    internal ContractBinding Contract { get; }

    /// <summary>False for a reference that is there as long as its connection: nobody can end it while it is used.</summary>
    internal bool CanEnd { get; init; } = true;

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

    /// <summary>Begins a message that names the object; false when the reference was given back already.</summary>
    internal bool TryUse()
    {
        int uses = Volatile.Read(ref _uses);
        while (uses != 0)
        {
            int found = Interlocked.CompareExchange(ref _uses, uses + 1, uses);
            if (found == uses)
            {
                return true;
            }

            uses = found;
        }

        return false;
    }

    /// <summary>Ends the holder's own use, or that of a message which was sent, or never will be.</summary>
    /// <returns>True for the last one: the reference is to be given back now.</returns>
    internal bool EndUse() => Interlocked.Decrement(ref _uses) == 0;

    /// <summary>What the use of a reference that has ended throws.</summary>
    internal ObjectDisposedException Ended(string consequence = "")
        => new(
            Contract.Name,
            (Volatile.Read(ref _released) == Returned
                ? "The reference was borrowed for one call, which has ended."
                : "The proxy was disposed.") + (consequence.Length > 0 ? " " + consequence : ""));
}
