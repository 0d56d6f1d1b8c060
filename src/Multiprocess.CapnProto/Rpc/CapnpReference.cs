using Multiprocess.CapnProto.Rpc.Capabilities;

namespace Multiprocess.CapnProto.Rpc;

/// <summary>A counted reference to an object: of this process, of a peer, or one that a peer has promised.</summary>
/// <remarks>
/// All members can be used by several threads at the same time. Calls of one thread on one reference arrive in their
/// order. When the last reference is disposed, the peer is told, and may give the object up. A reference that is not
/// disposed is released when it is garbage collected; an idle process collects nothing, so dispose it.
/// </remarks>
public sealed class CapnpReference : IDisposable
{
    // Null once disposed. Under the gate.
    private Capability? _capability;

    private CapnpReference(Capability capability) => _capability = capability;

    /// <summary>Releases a reference that was not disposed.</summary>
    ~CapnpReference()
    {
        // Not here: the gate may be held for a moment, and finalizers wait for no one.
        if (_capability is { } capability)
        {
            ThreadPool.UnsafeQueueUserWorkItem(ReleaseLater, capability, preferLocal: false);
        }
    }

    /// <summary>Makes a reference to an object of this process.</summary>
    public static CapnpReference Of(ICapnpObject target)
    {
        ArgumentNullException.ThrowIfNull(target);
        lock (Gate.Lock)
        {
            return new(LocalCapability.Of(target));
        }
    }

    /// <summary>
    /// Makes a reference to an object that is not known yet. It can be called and sent at once: calls wait until the
    /// task
    /// has ended, and fail if it has failed.
    /// </summary>
    /// <param name="promised">Gives the reference, which then belongs to the promise.</param>
    public static CapnpReference Of(Task<CapnpReference> promised)
    {
        ArgumentNullException.ThrowIfNull(promised);
        var promise = new LocalPromise();
        promise.AddReference(); // For the task.
        _ = KeepAsync(promise, promised);
        return new(promise);
    }

    /// <summary>The object, where it is one of this process; null for any other, and for a promise.</summary>
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

    /// <summary>Makes another reference to the same object, to be disposed on its own.</summary>
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
    /// <param name="interfaceId">The interface that has the method.</param>
    /// <param name="methodId">The method's ordinal in the interface.</param>
    /// <exception cref="ObjectDisposedException">The reference was disposed.</exception>
    public CapnpRequest Call(ulong interfaceId, ushort methodId) => new(Share(), interfaceId, methodId);

    /// <summary>
    /// Completes when it is known which object it is: at once, unless the reference is to a promise of a peer or to the
    /// result of a call.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The reference was disposed.</exception>
    /// <exception cref="IpcException">The promise was broken, or its connection lost. The task has it.</exception>
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

    /// <summary>Releases the reference. Can be repeated.</summary>
    public void Dispose()
    {
        lock (Gate.Lock)
        {
            _capability?.Release();
            _capability = null;
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Takes a reference over. Under the gate.</summary>
    internal static CapnpReference? Wrap(Capability? capability) => capability is null ? null : new(capability);

    /// <summary>Under the gate.</summary>
    /// <exception cref="ObjectDisposedException">The reference was disposed.</exception>
    internal Capability Held => _capability ?? throw new ObjectDisposedException(nameof(CapnpReference));

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

    // Under the gate. A new reference.
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
