using Multiprocess.Calls;
using Multiprocess.Generated;
using Multiprocess.Objects;

namespace Multiprocess;

/// <summary>What a proxy holds: a counted reference to an object of the peer. <see cref="Release"/> gives it back before the collector does.</summary>
/// <remarks>In the public namespace because of <see cref="Release"/>; the rest is for generated code.</remarks>
public sealed class IpcReference
{
    /// <summary>How many answers that brought one object keep their calls' tokens alive, on either side.</summary>
    internal const int MaxLateCancels = 16;

    private const int Live = 0;
    private const int Disposed = 1;
    private const int Returned = 2;

    private readonly CallChannel? _channel;
    private WeakReference<IpcProxy>? _proxy;
    private int _released;

    // The holder's own, and one for each message under way that names the object. Whoever ends the last one gives the
    // reference back: a Release must not overtake what was begun before it.
    private int _uses = 1;

    // Calls that brought it and whose tokens are watched for as long as it is held; null once it was given back. Under the
    // object's own lock. A singleton that is returned again and again keeps the last ones.
    private Queue<LateCancel>? _lateCancels;
    private bool _isGivenBack;

    internal IpcReference(CallChannel? channel, long handle, ContractBinding contract)
    {
        _channel = channel;
        Handle = handle;
        Contract = contract;
    }

    /// <summary>
    /// Gives back, now, what this process holds of the peer's object behind <paramref name="face"/>: an interface, a delegate or
    /// a sequence that arrived from another process. A process that allocates little collects little, and so keeps for long
    /// what it does not release, such as a callback that it has called for the last time.
    /// </summary>
    /// <param name="face">What arrived. Of an object of this process nothing is to be given back, and nothing happens.</param>
    /// <returns>True when this call has released it; false when it had been released before, or is none of the peer's, or the root of a connection, which lives as long.</returns>
    /// <remarks>
    /// Thread-safe, and waits for nothing. Calls that have begun go through, and the reference is given back behind them; later
    /// ones throw <see cref="ObjectDisposedException"/>. No remote <c>Dispose</c> runs: what has one is disposed instead. Where
    /// the same object arrived several times it is one proxy, and all of it is released. A handler that is still in an event
    /// is to be taken out first.
    /// </remarks>
    /// <example><code>
    /// public void Run(Action&lt;int&gt; progress)
    /// {
    ///     progress(100);
    ///     IpcReference.Release(progress);
    /// }
    /// </code></example>
    public static bool Release(object face)
    {
        ArgumentNullException.ThrowIfNull(face);
        return IpcProxy.Behind(face) is { Reference.CanEnd: true } proxy && proxy.ReleaseReference();
    }

    /// <summary>The connection's calls. The reference of a root that follows restarts has none, and has ended from the start.</summary>
    internal CallChannel Channel => _channel ?? throw Ended();

    internal long Handle { get; }

    internal ContractBinding Contract { get; }

    /// <summary>False for a reference that is there as long as its connection: nobody can end it while it is used.</summary>
    internal bool CanEnd { get; init; } = true;

    /// <summary>A reference to the same object under another form of its contract, or null. Under the import table's lock.</summary>
    internal IpcReference? NextForm { get; set; }

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

    /// <summary>Notes a call that brought it, and whose token is watched until it is given back.</summary>
    internal void Attach(LateCancel late)
    {
        LateCancel? over = late;
        lock (this)
        {
            if (!_isGivenBack)
            {
                _lateCancels ??= new Queue<LateCancel>(1);
                _lateCancels.Enqueue(late);
                over = _lateCancels.Count > MaxLateCancels ? _lateCancels.Dequeue() : null;
            }
        }

        over?.ReferenceEnded();
    }

    /// <summary>It is given back: what it stands for hears no more of the tokens of the calls that brought it.</summary>
    internal void GivenBack()
    {
        Queue<LateCancel>? over;
        lock (this)
        {
            _isGivenBack = true;
            over = _lateCancels;
            _lateCancels = null;
        }

        while (over is not null && over.TryDequeue(out LateCancel? late))
        {
            late.ReferenceEnded();
        }
    }

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
