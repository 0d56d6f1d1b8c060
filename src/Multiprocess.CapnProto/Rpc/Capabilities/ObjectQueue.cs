using Multiprocess.CapnProto.Rpc.Calls;

namespace Multiprocess.CapnProto.Rpc.Capabilities;

/// <summary>The calls of one object. They begin in order, on the thread pool.</summary>
internal sealed class ObjectQueue(ICapnpObject target) : IThreadPoolWorkItem
{
    // Under the gate. A null entry is the disposal.
    private readonly Queue<CapnpCall?> _calls = new();
    private bool _isRunning;

    /// <summary>
    /// Whether no call waits to begin: another one may begin without the queue. Call under the gate.
    /// </summary>
    public bool IsIdle => !_isRunning;

    /// <summary>Adds a call. Call under the gate.</summary>
    public void Post(CapnpCall? call)
    {
        _calls.Enqueue(call);
        if (!_isRunning)
        {
            _isRunning = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Adds the disposal of the object. Call under the gate.</summary>
    public void PostDisposal() => Post(null);

    void IThreadPoolWorkItem.Execute()
    {
        while (true)
        {
            CapnpCall? call;
            lock (Gate.Lock)
            {
                if (!_calls.TryDequeue(out call))
                {
                    _isRunning = false;
                    return;
                }
            }

            if (call is null)
            {
                // The object may have been referred to again in the meantime.
                if (!LocalCapability.IsInUse(target))
                {
                    _ = DisposeAsync();
                }
            }
            else
            {
                _ = call.RunAsync();
            }
        }
    }

    // Nobody waits for the task, so no code would receive an exception.
    private async Task DisposeAsync()
    {
        try
        {
            if (target is IAsyncDisposable asynchronous)
            {
                await asynchronous.DisposeAsync().ConfigureAwait(false);
            }
            else
            {
                ((IDisposable)target).Dispose();
            }
        }
        catch (Exception exception)
        {
            RpcEvents.Log.DisposalFailed(target.GetType().FullName ?? "", exception.Message);
        }
    }
}
