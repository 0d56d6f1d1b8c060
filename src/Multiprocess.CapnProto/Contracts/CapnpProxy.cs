using System.ComponentModel;
using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Threads;

namespace Multiprocess.CapnProto.Generated;

/// <summary>The base of generated proxies: an object of a peer. Thread-safe.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class CapnpProxy
{
    private static readonly TimeSpan s_disposal = TimeSpan.FromSeconds(5);

    private bool _isDisposed;

    /// <summary>Creates the proxy, which owns the reference.</summary>
    protected CapnpProxy(CapnpProxyOrigin origin)
    {
        ArgumentNullException.ThrowIfNull(origin);
        Reference = origin.Reference;
        Session = origin.Session;
    }

    internal CapnpReference Reference { get; }

    internal CapnpSession? Session { get; }

    internal bool IsDisposed => Volatile.Read(ref _isDisposed);

    /// <summary>The proxy that an object or a delegate is; null if it is none.</summary>
    internal static CapnpProxy? Behind(object target)
        => target as CapnpProxy ?? (target as Delegate)?.Target as CapnpProxy;

    /// <summary>Begins a call.</summary>
    protected CapnpOutgoingCall Begin(ulong interfaceId, ushort ordinal, CapnpStructSize parameters)
        => CapnpOutgoingCall.Begin(Reference, Session, interfaceId, ordinal, parameters);

    /// <summary>Exchanges the two sides' thread maps, and waits until that has happened.</summary>
    protected void ExchangeThreads(ulong interfaceId, ushort ordinal)
    {
        using CapnpOutgoingCall call = Begin(interfaceId, ordinal, new CapnpStructSize(0, 1));
        if (Session is null)
        {
            return;
        }

        using CapnpReference own = Session.ShareThreadMap();
        call.WriteReference(call.Parameters.Pointer(0), own);
        call.Send();
        Session.SetPeerThreads(call.ReadReference(call.Results.Pointer(0)));
    }

    /// <summary>
    /// Ends the object at the peer, then releases it. Waits at most five seconds, and does not throw when the peer is
    /// gone.
    /// </summary>
    /// <param name="interfaceId">The interface of <c>destroy</c>.</param>
    /// <param name="ordinal">The ordinal of <c>destroy</c>; -1 if the interface has none.</param>
    /// <param name="context">Whether it has a context.</param>
    protected void Destroy(ulong interfaceId, int ordinal, bool context)
    {
        if (!Interlocked.Exchange(ref _isDisposed, true))
        {
            try
            {
                if (ordinal >= 0)
                {
                    using var limit = new CancellationTokenSource(s_disposal);
                    using CapnpOutgoingCall call = BeginDestroy(interfaceId, ordinal, context);
                    if (context)
                    {
                        call.WriteContext(0);
                    }

                    call.Send(limit.Token);
                }
            }
            catch (Exception exception) when (exception is IpcException or OperationCanceledException)
            {
                // The reference is released in any case, and the peer frees the object with its last reference.
            }

            Reference.Dispose();
        }
    }

    /// <summary>As <see cref="Destroy"/>, without blocking.</summary>
    protected async ValueTask DestroyAsync(ulong interfaceId, int ordinal, bool context)
    {
        if (!Interlocked.Exchange(ref _isDisposed, true))
        {
            try
            {
                if (ordinal >= 0)
                {
                    using var limit = new CancellationTokenSource(s_disposal);
                    using CapnpOutgoingCall call = BeginDestroy(interfaceId, ordinal, context);
                    if (context)
                    {
                        call.WriteAsynchronousContext(0);
                    }

                    await call.SendAsync(limit.Token).ConfigureAwait(false);
                }
            }
            catch (Exception exception) when (exception is IpcException or OperationCanceledException)
            {
                // As above.
            }

            Reference.Dispose();
        }
    }

    internal void Construct(ulong interfaceId, ushort ordinal)
    {
        // Without waiting: calls on the peer's map are sent at once, and fail if this call fails.
        using CapnpOutgoingCall call = Begin(interfaceId, ordinal, new CapnpStructSize(0, 1));
        using CapnpReference own = Session!.ShareThreadMap();
        call.WriteReference(call.Parameters.Pointer(0), own);
        Session.SetPeerThreads(call.SendLater().Pipeline(0));
    }

    private CapnpOutgoingCall BeginDestroy(ulong interfaceId, int ordinal, bool context)
        => Begin(interfaceId, (ushort)ordinal, new CapnpStructSize(0, context ? (ushort)1 : (ushort)0));
}
