using System.ComponentModel;
using System.Runtime.CompilerServices;
using Multiprocess.Calls;
using Multiprocess.Locks;
using Multiprocess.Protocols;
using Multiprocess.Objects;

namespace Multiprocess.Generated;

/// <summary>The base of generated proxies. A proxy stands on this side for an object of the other side.</summary>
/// <remarks>Thread-safe. An unused proxy releases its reference when it is collected.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class IpcProxy
{
    private volatile HandlerRole? _handler;

    // Only for a root that follows restarts: returns the proxy to call now. With true, for a call: may connect first
    // and never returns null. With false: never connects, and returns null when there is no proxy. The reference of
    // such a root is released from the start, so that calls of other proxies need no check here.
    private Func<bool, IpcProxy?>? _follows;

    /// <summary>Creates the proxy for a received reference.</summary>
    protected IpcProxy(IpcReference reference) => Reference = reference;

    /// <summary>Releases the reference in the background; never waits.</summary>
    ~IpcProxy()
    {
        // The constructor of a derived class may have thrown.
        if (Reference is { } reference && reference.BeginRelease())
        {
            reference.Channel.Objects.Releases.ReleaseInBackground(reference);
        }
    }

    internal IpcReference Reference { get; }

    /// <summary>The delegate that this proxy stands for; null when it stands for an interface.</summary>
    protected virtual Delegate? Delegate => null;

    /// <summary>The object that user code holds: the delegate, or this proxy.</summary>
    internal object Face => Delegate ?? (object)this;

    /// <summary>
    /// The proxy behind an object of user code; null when the object is not a proxy, or follows restarts and has no
    /// target now.
    /// </summary>
    internal static IpcProxy? Behind(object face)
        => face is IpcProxy itself
            ? (itself._follows is { } follows ? follows(false) : itself)
            : (face is Delegate { Target: IpcProxy proxy } && ReferenceEquals(proxy.Face, face) ? proxy : null);

    /// <summary>
    /// Creates a proxy that makes each call on the proxy that <paramref name="target"/> returns at that moment.
    /// </summary>
    /// <param name="contract">The contract that the proxy implements.</param>
    /// <param name="target">
    /// Returns the proxy to call. With true it never returns null, may block, and may throw; the call then throws the
    /// same. With false it returns at once, connects nothing, and never throws.
    /// </param>
    internal static IpcProxy Following(ContractBinding contract, Func<bool, IpcProxy?> target)
    {
        var reference = new IpcReference(channel: null, handle: 0, contract);
        reference.BeginRelease();
        IpcProxy proxy = contract.CreateProxy(reference);
        GC.SuppressFinalize(proxy);
        proxy._follows = target;
        return proxy;
    }

    /// <summary>
    /// The objects of this side to whose events the delegate was added. Replaced as a whole, under the proxy's lock.
    /// </summary>
    internal IReadOnlyList<Export> Sources
        => _handler is not { } handler ? [] : handler.Original?.Sources ?? handler.Sources;

    /// <summary>
    /// Tells the peer, once per connection, which types the method carries by value here, so that the peer refuses a
    /// call that it would misread.
    /// </summary>
    protected void Describe(uint methodId)
    {
        if (_follows is not null)
        {
            return; // Described later, on the connection of the call.
        }

        Reference.Channel.Versions.Sent.Ensure(Reference.Contract, methodId);
    }

    /// <summary>Starts a call that waits for its answer on the calling thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected OutgoingCall StartCall(
        uint methodId,
        int argumentCount,
        CancellationToken cancellationToken = default,
        int timeoutMilliseconds = 0)
        => new(
            Live(methodId),
            methodId,
            argumentCount,
            _handler is null or { Original: null } ? MessageFlags.None : MessageFlags.OneWay,
            cancellationToken,
            timeoutMilliseconds);

    /// <summary>Starts a call whose answer completes a task.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected OutgoingCall StartAsyncCall(
        uint methodId,
        int argumentCount,
        CancellationToken cancellationToken = default,
        int timeoutMilliseconds = 0)
        => new(
            Live(methodId), methodId, argumentCount, MessageFlags.Asynchronous, cancellationToken, timeoutMilliseconds);

    /// <summary>
    /// Starts a call whose answer completes a task, and which stays cancellable while the objects from its answer are
    /// held.
    /// </summary>
    internal OutgoingCall StartLateCancellableCall(uint methodId, int argumentCount)
        => new(
            Live(methodId),
            methodId,
            argumentCount,
            MessageFlags.Asynchronous | MessageFlags.Cancellable,
            CancellationToken.None,
            timeoutMilliseconds: 0);

    /// <summary>Starts a call without an answer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected OutgoingCall StartOneWayCall(uint methodId, int argumentCount)
        => new(
            Live(methodId),
            methodId,
            argumentCount,
            MessageFlags.OneWay,
            CancellationToken.None,
            timeoutMilliseconds: 0);

    /// <summary>
    /// Runs the remote <c>Dispose</c> on the mapped thread and releases the reference. Waits for a limited time; does
    /// not throw when the peer is gone.
    /// </summary>
    /// <remarks>An exception of the remote <c>Dispose</c> is thrown here, as in one process.</remarks>
    protected void DisposeRemote(uint methodId)
    {
        if (!Reference.BeginRelease())
        {
            _follows?.Invoke(false)?.DisposeRemote(methodId);
            return;
        }

        GC.SuppressFinalize(this);
        CallChannel channel = Reference.Channel;
        try
        {
            if (!channel.IsClosed)
            {
                var call = new OutgoingCall(
                    this,
                    methodId,
                    argumentCount: 0,
                    MessageFlags.Disposes,
                    CancellationToken.None,
                    channel.Settings.DisposeTimeoutMilliseconds);
                try
                {
                    call.Send();
                }
                finally
                {
                    call.Dispose();
                }
            }
        }
        catch (IpcException exception) when (exception is IpcDisconnectedException or IpcTimeoutException)
        {
            Logging.IpcLog.DisposeFailed(channel.Logger, Reference.Contract.Name, Reference.Handle, exception.Message);
        }
        finally
        {
            channel.Objects.Releases.Release(Reference);
        }
    }

    /// <summary>
    /// Runs the remote <c>DisposeAsync</c> and releases the reference. Waits for a limited time; does not throw when
    /// the peer is gone.
    /// </summary>
    protected async ValueTask DisposeRemoteAsync(uint methodId)
    {
        if (!Reference.BeginRelease())
        {
            if (_follows?.Invoke(false) is { } followed)
            {
                await followed.DisposeRemoteAsync(methodId).ConfigureAwait(false);
            }

            return;
        }

        GC.SuppressFinalize(this);
        CallChannel channel = Reference.Channel;
        try
        {
            if (!channel.IsClosed)
            {
                await SendDisposeAsync(methodId, channel.Settings.DisposeTimeoutMilliseconds).ConfigureAwait(false);
            }
        }
        catch (IpcException exception) when (exception is IpcDisconnectedException or IpcTimeoutException)
        {
            Logging.IpcLog.DisposeFailed(channel.Logger, Reference.Contract.Name, Reference.Handle, exception.Message);
        }
        finally
        {
            channel.Objects.Releases.Release(Reference);
        }
    }

    /// <summary>
    /// True when a handler of an event could not be called, either because its connection is gone, or because the event
    /// does not wait and too many bytes already wait for the handler. The handler misses the event, and the raiser
    /// continues.
    /// </summary>
    protected bool IsHandlerLost(Exception exception)
    {
        if (_handler is { Original: not null } && exception is IpcException { Kind: IpcErrorKind.LimitExceeded })
        {
            Logging.IpcLog.EventDropped(
                Reference.Channel.Logger, Reference.Contract.Name, Reference.Handle, exception.Message);
            return true;
        }

        return exception is IpcDisconnectedException && Sources.Count > 0;
    }

    /// <summary>Records an object to whose event the delegate is added.</summary>
    internal void AddSource(Export source)
    {
        using (Uninterruptible.Enter(Reference))
        {
            HandlerRole handler = _handler ??= new HandlerRole();
            if (!handler.Sources.Contains(source))
            {
                // Objects that the peer released meanwhile will raise no event for it.
                handler.Sources = [.. handler.Sources.Where(known => known.Count > 0), source];
            }
        }
    }

    /// <summary>
    /// A proxy of the same reference whose calls are one-way, for events that do not wait for their handlers.
    /// </summary>
    internal IpcProxy OneWayTwin()
    {
        using (Uninterruptible.Enter(Reference))
        {
            HandlerRole handler = _handler ??= new HandlerRole();
            if (handler.OneWayTwin is not { } twin)
            {
                twin = Reference.Contract.CreateProxy(Reference);
                twin._handler = new HandlerRole { Original = this };
                GC.SuppressFinalize(twin); // The original releases the reference.
                handler.OneWayTwin = twin;
            }

            return twin;
        }
    }

    /// <summary>True unless an earlier call has shown that the peer lacks the one-way method.</summary>
    protected bool MayHave(uint methodId)
        => _follows is { } follows ? follows(true)!.MayHave(methodId) : Knows(methodId) ?? true;

    /// <summary>
    /// Starts a call without an answer, of a method that the peer may lack. The first such call waits.
    /// </summary>
    protected OutgoingCall StartOneWayOrFirstCall(uint methodId, int argumentCount)
    {
        IpcProxy live = Live(methodId);
        return live.Knows(methodId) is null
            ? live.StartCall(methodId, argumentCount)
            : live.StartOneWayCall(methodId, argumentCount);
    }

    /// <summary>True when the peer answered that its contract lacks the method.</summary>
    protected static bool IsMethodMissing(Exception exception)
        => exception is IpcException { Kind: IpcErrorKind.MethodMissing };

    /// <summary>Awaits a call, or the default body when the peer's contract lacks the method.</summary>
    protected static async Task OrElse(Task call, Func<Task> body)
    {
        try
        {
            await call.ConfigureAwait(false);
        }
        catch (Exception exception) when (IsMethodMissing(exception))
        {
            await body().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Returns the result of a call, or of the default body when the peer's contract lacks the method.
    /// </summary>
    protected static async Task<T> OrElse<T>(Task<T> call, Func<Task<T>> body)
    {
        try
        {
            return await call.ConfigureAwait(false);
        }
        catch (Exception exception) when (IsMethodMissing(exception))
        {
            return await body().ConfigureAwait(false);
        }
    }

    /// <summary>Releases the reference of an object that needs no disposal.</summary>
    /// <returns>False when it was released before.</returns>
    internal bool ReleaseReference()
    {
        if (!Reference.BeginRelease())
        {
            return false;
        }

        GC.SuppressFinalize(this);
        Reference.Channel.Objects.Releases.Release(Reference);
        return true;
    }

    private bool? Knows(uint methodId) => Reference.Channel.Versions.Known.Find(Reference.Contract, methodId);

    private IpcProxy Live(uint methodId)
        => Reference.IsReleased ? Instead(methodId) : this;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private IpcProxy Instead(uint methodId)
    {
        if (_follows is null)
        {
            throw Reference.Ended();
        }

        IpcProxy target = _follows(true)!;
        target.Describe(methodId);
        return target.Live(methodId);
    }

    private Task SendDisposeAsync(uint methodId, int timeoutMilliseconds)
    {
        var call = new OutgoingCall(
            this,
            methodId,
            argumentCount: 0,
            MessageFlags.Asynchronous | MessageFlags.Disposes,
            CancellationToken.None,
            timeoutMilliseconds);
        try
        {
            return call.SendAsync();
        }
        finally
        {
            call.Dispose();
        }
    }
}
