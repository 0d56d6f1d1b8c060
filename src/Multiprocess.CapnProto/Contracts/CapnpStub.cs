using System.ComponentModel;
using Multiprocess.CapnProto.Contracts;
using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.CapnProto.Generated;

/// <summary>The base of generated stubs: an object of this process that peers call.</summary>
/// <typeparam name="T">The contract.</typeparam>
/// <remarks>
/// States: <b>live</b>, then <b>destroyed</b> by the peer or <b>released</b> with the last reference. The target is
/// disposed once: when the peer destroys it, or, if it was a result or a root, when the last reference is gone.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class CapnpStub<T> : ICapnpObject, IAsyncDisposable, IStub
    where T : class
{
    private int _isDestroyed;
    private volatile bool _isOwned;

    /// <summary>Creates the stub of an object.</summary>
    protected CapnpStub(T target) => Target = target;

    /// <summary>The object.</summary>
    protected T Target { get; }

    object IStub.TargetObject => Target;

    internal bool IsDestroyed => Volatile.Read(ref _isDestroyed) != 0;

    /// <inheritdoc/>
    public ValueTask CallAsync(CapnpCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (IsDestroyed)
        {
            throw Destroyed();
        }

        var received = new CapnpIncomingCall(call);
        received.Begin();
        int context = ContextOf(call.InterfaceId, call.MethodId);
        return context < 0 ? Run(received) : received.RunOnThread((uint)context, this);
    }

    bool IStub.TryPost(CapnpCall call)
    {
        int context = IsDestroyed ? -1 : ContextOf(call.InterfaceId, call.MethodId);
        return context >= 0 && call.ContractCall.TryPost(this, (uint)context);
    }

    void IStub.RunHere(CapnpIncomingCall call)
    {
        // Again, because another thread may have destroyed the object meanwhile.
        ValueTask run = IsDestroyed ? throw Destroyed() : Run(call);
        run.GetAwaiter().GetResult(); // Only synchronous methods have a thread.
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        CapnpBinding<T>.Instance.Forget(Target);
        if (_isOwned && Interlocked.Exchange(ref _isDestroyed, 1) == 0)
        {
            if (Target is IAsyncDisposable asynchronous)
            {
                await asynchronous.DisposeAsync().ConfigureAwait(false);
            }
            else if (Target is IDisposable disposable)
            {
                disposable.Dispose();
            }
        }
    }

    /// <summary>The target is disposed with its last reference.</summary>
    internal void Own() => _isOwned = true;

    /// <summary>
    /// The pointer of the context that names the thread of a method, in the parameters; -1 for a method without one.
    /// Under a lock: it only looks.
    /// </summary>
    protected virtual int ContextOf(ulong interfaceId, ushort methodId) => -1;

    /// <summary>Runs a method on the calling thread.</summary>
    protected abstract ValueTask Run(CapnpIncomingCall ipcCall);

    /// <summary>Ends the target, because the peer asks for it.</summary>
    protected void Destroy()
    {
        if (Interlocked.Exchange(ref _isDestroyed, 1) == 0)
        {
            if (Target is IDisposable disposable)
            {
                disposable.Dispose();
            }
            else if (Target is IAsyncDisposable asynchronous)
            {
                asynchronous.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
        }
    }

    private static CapnpException Destroyed()
        => new(CapnpExceptionType.Failed, "Object: Expected one in use, got one that was destroyed.");
}
