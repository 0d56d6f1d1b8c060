using Multiprocess.Calls;
using Multiprocess.Generated;
using Multiprocess.Locks;
using Multiprocess.Objects;

namespace Multiprocess;

/// <summary>
/// A counted reference to an object of the peer, held by a proxy. <see cref="Release"/> releases it before the garbage
/// collector does.
/// </summary>
/// <remarks>
/// In the public namespace because of <see cref="Release"/>; the other members are for generated code.
/// </remarks>
public sealed class IpcReference
{
    /// <summary>Most answers per object that keep the tokens of their calls in use, on either side.</summary>
    internal const int MaxLateCancels = 16;

    private const int Live = 0;
    private const int Disposed = 1;
    private const int Returned = 2;

    private readonly CallChannel? _channel;
    private WeakReference<IpcProxy>? _proxy;
    private int _released;

    // One use for the holder, and one for each message in progress that names the object. The end of the last use
    // releases the reference: a Release must not overtake a message begun before it.
    private int _uses = 1;

    // Calls that brought the object and whose tokens are watched while it is held; null once it was released. Guarded
    // by the object's own lock. A singleton that is returned again and again keeps the latest ones.
    private Queue<LateCancel>? _lateCancels;
    private bool _isGivenBack;

    internal IpcReference(CallChannel? channel, long handle, ContractBinding contract)
    {
        _channel = channel;
        Handle = handle;
        Contract = contract;
    }

    /// <summary>
    /// Releases, now, the references of this process to the peer's object behind <paramref name="face"/>: an interface,
    /// a delegate or a sequence that arrived from another process. A process that allocates little also collects
    /// little, so it would otherwise hold objects for a long time, for example a callback after its last call.
    /// </summary>
    /// <param name="face">The received object. Nothing happens for an object of this process.</param>
    /// <returns>
    /// True when this call released it. False when it was released before, is not an object of the peer, or is the root
    /// of a connection, which lives as long as the connection.
    /// </returns>
    /// <remarks>
    /// Thread-safe, and never waits. Calls that have begun complete, and the reference is released after them; later
    /// calls throw <see cref="ObjectDisposedException"/>. No remote <c>Dispose</c> runs: dispose a disposable object
    /// instead. If the same object arrived several times, it has one proxy, and all its references are released. Remove
    /// a handler from its events first.
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

    /// <summary>
    /// The calls of the connection. The reference of a root that follows restarts has none, and is released from the
    /// start.
    /// </summary>
    internal CallChannel Channel => _channel ?? throw Ended();

    internal long Handle { get; }

    internal ContractBinding Contract { get; }

    /// <summary>False for a reference that lives as long as its connection: it cannot end during a call.</summary>
    internal bool CanEnd { get; init; } = true;

    /// <summary>
    /// The reference to the same object under another form of its contract, or null. Guarded by the import table's
    /// lock.
    /// </summary>
    internal IpcReference? NextForm { get; set; }

    /// <summary>Number of times the reference arrived. Guarded by the import table's lock.</summary>
    internal long Count { get; set; }

    internal long CreatedTimestamp { get; init; }

    internal string? CreationStack { get; init; }

    /// <summary>The proxy; null when it was collected or released.</summary>
    internal IpcProxy? Proxy
        => _proxy is not null && _proxy.TryGetTarget(out IpcProxy? proxy) && !IsReleased ? proxy : null;

    /// <summary>True once the proxy was disposed or collected, or the call that borrowed it has ended.</summary>
    internal bool IsReleased => Volatile.Read(ref _released) != Live;

    internal void SetProxy(IpcProxy proxy) => _proxy = new WeakReference<IpcProxy>(proxy);

    /// <summary>Returns true to the first caller only, which must release the reference.</summary>
    internal bool BeginRelease() => Interlocked.CompareExchange(ref _released, Disposed, Live) == Live;

    /// <summary>Ends the reference together with the call that borrowed it; false when it had ended before.</summary>
    internal bool EndBorrowing() => Interlocked.CompareExchange(ref _released, Returned, Live) == Live;

    /// <summary>Adds a call that brought the object. Its token is watched until the reference is released.</summary>
    internal void Attach(LateCancel late)
    {
        LateCancel? over = late;
        using (Uninterruptible.Enter(this))
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

    /// <summary>
    /// Stops watching the tokens of the calls that brought the object, after the reference was released.
    /// </summary>
    internal void GivenBack()
    {
        Queue<LateCancel>? over;
        using (Uninterruptible.Enter(this))
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

    /// <summary>Begins a message that names the object; false when the reference was already released.</summary>
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

    /// <summary>Ends the use by the holder, or by a message that was sent or will never be sent.</summary>
    /// <returns>True for the last use: the caller must release the reference now.</returns>
    internal bool EndUse() => Interlocked.Decrement(ref _uses) == 0;

    /// <summary>Creates the exception for the use of a reference that has ended.</summary>
    internal ObjectDisposedException Ended(string consequence = "")
        => new(
            Contract.Name,
            (Volatile.Read(ref _released) == Returned
                ? "The reference was borrowed for one call, which has ended."
                : "The proxy was disposed.") + (consequence.Length > 0 ? " " + consequence : ""));
}
