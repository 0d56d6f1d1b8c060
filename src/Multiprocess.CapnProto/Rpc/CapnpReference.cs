using Multiprocess.CapnProto.Rpc.Capabilities;
using Multiprocess.CapnProto.Rpc.Sockets;

namespace Multiprocess.CapnProto.Rpc;

/// <summary>A counted reference to an object: of this process, of a peer, or one that a peer has promised.</summary>
/// <remarks>
/// Thread-safe. Calls of one thread on one reference arrive in order. When the last reference is disposed, the peer is
/// told, and may free the object. A reference that is not disposed is released when it is garbage collected; an idle
/// process does not collect garbage, so dispose it.
/// </remarks>
public sealed class CapnpReference : IDisposable
{
    // Null once disposed. Under the gate.
    private Capability? _capability;

    private CapnpReference(Capability capability) => _capability = capability;

    /// <summary>Releases a reference that was not disposed.</summary>
    ~CapnpReference()
    {
        // Not here: another thread may hold the gate for a moment, and a finalizer must not wait.
        if (_capability is { } capability)
        {
            ThreadPool.UnsafeQueueUserWorkItem(ReleaseLater, capability, preferLocal: false);
        }
    }

    /// <summary>Creates a reference to an object of this process.</summary>
    public static CapnpReference Of(ICapnpObject target)
    {
        ArgumentNullException.ThrowIfNull(target);
        lock (Gate.Lock)
        {
            return new(LocalCapability.Of(target));
        }
    }

    /// <summary>
    /// Creates a reference to an object that is not known yet. It can be called and sent at once: calls wait until the
    /// task has ended, and fail if the task has failed.
    /// </summary>
    /// <param name="promised">Returns the reference, which then belongs to the promise.</param>
    public static CapnpReference Of(Task<CapnpReference> promised)
    {
        ArgumentNullException.ThrowIfNull(promised);
        var promise = new LocalPromise();
        promise.AddReference(); // For the task.
        _ = KeepAsync(promise, promised);
        return new(promise);
    }

    /// <summary>The object, if it is an object of this process; null for any other, and for a promise.</summary>
    /// <exception cref="ObjectDisposedException">The reference was disposed.</exception>
    public ICapnpObject? Target
    {
        get
        {
            lock (Gate.Lock)
            {
                return (Held.Current as LocalCapability)?.Target;
            }
        }
    }

    /// <summary>Creates another reference to the same object, to be disposed separately.</summary>
    /// <exception cref="ObjectDisposedException">The reference was disposed.</exception>
    public CapnpReference Share()
    {
        lock (Gate.Lock)
        {
            Held.AddReference();
            return new(Held);
        }
    }

    /// <summary>Begins a call. Nothing is sent before <see cref="CapnpRequest.Send"/>.</summary>
    /// <param name="interfaceId">The interface of the method.</param>
    /// <param name="methodId">The method's ordinal in the interface.</param>
    /// <exception cref="ObjectDisposedException">The reference was disposed.</exception>
    public CapnpRequest Call(ulong interfaceId, ushort methodId) => new(Share(), interfaceId, methodId);

    /// <summary>
    /// Completes when it is known which object the reference leads to: at once, unless the reference is to a promise of
    /// a peer or to a result of a call.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The reference was disposed.</exception>
    /// <exception cref="IpcException">
    /// The promise was broken, or its connection was lost. The task fails with this exception.
    /// </exception>
    public Task WhenResolvedAsync()
    {
        var completion = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (Gate.Lock)
        {
            Held.WhenResolved(resolution =>
            {
                if (resolution.Current is BrokenCapability broken)
                {
                    completion.TrySetException(broken.Reason);
                }
                else
                {
                    completion.TrySetResult();
                }
            });
        }

        return completion.Task;
    }

    /// <summary>
    /// Runs an action, under the gate, when it is known what the reference leads to. Actions run in the order of the
    /// calls of this method.
    /// </summary>
    /// <param name="then">Receives the object of this process, the exception of a broken promise, or this reference's
    /// capability if it is an object of a peer.</param>
    internal void WhenResolved(Action<object> then)
    {
        lock (Gate.Lock)
        {
            Held.WhenResolved(resolution => then(resolution.Current switch
            {
                LocalCapability local => local.Target,
                BrokenCapability broken => broken.Reason,
                Capability other => other,
            }));
        }
    }

    /// <summary>Releases the reference. May be called again.</summary>
    public void Dispose()
    {
        AfterGate.Enter();
        try
        {
            lock (Gate.Lock)
            {
                _capability?.Release();
                _capability = null;
            }
        }
        finally
        {
            AfterGate.Leave(mayWait: false);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Takes over a reference. Call under the gate.</summary>
    internal static CapnpReference? Wrap(Capability? capability) => capability is null ? null : new(capability);

    /// <summary>The capability. Call under the gate.</summary>
    /// <exception cref="ObjectDisposedException">The reference was disposed.</exception>
    internal Capability Held => _capability ?? throw new ObjectDisposedException(nameof(CapnpReference));

    /// <exception cref="ObjectDisposedException">The reference was disposed.</exception>
    internal void ThrowIfDisposed()
        => ObjectDisposedException.ThrowIf(Volatile.Read(ref _capability) is null, typeof(CapnpReference));

    private static async Task KeepAsync(LocalPromise promise, Task<CapnpReference> promised)
    {
        await ((Task)promised).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (Gate.Lock)
        {
            promise.Resolve(Kept(promised));
            promise.Release();
        }

        if (promised.IsCompletedSuccessfully)
        {
            (await promised.ConfigureAwait(false))?.Dispose();
        }
    }

    // Returns a new reference. Under the gate.
    private static Capability Kept(Task<CapnpReference> promised)
    {
        if (promised.IsCanceled)
        {
            return new BrokenCapability(new OperationCanceledException("The promise was cancelled."));
        }

        if (promised.Exception is { } failure)
        {
            return new BrokenCapability(failure.InnerException!);
        }

        if (promised.Result is not { } reference)
        {
            return new BrokenCapability(new CapnpException(
                CapnpExceptionType.Failed, "Capability: Expected an object, got null."));
        }

        if (reference._capability is not { } held)
        {
            return new BrokenCapability(new ObjectDisposedException(nameof(CapnpReference)));
        }

        held.AddReference();
        return held;
    }

    private static void ReleaseLater(Capability capability)
    {
        lock (Gate.Lock)
        {
            capability.Release();
        }
    }
}
