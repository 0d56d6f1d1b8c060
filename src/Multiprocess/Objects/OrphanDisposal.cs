using Microsoft.Extensions.Logging;
using Multiprocess.Logging;
using Multiprocess.Transports;

namespace Multiprocess.Objects;

/// <summary>Disposes objects of this side that the peer owned and can no longer dispose. Thread-safe.</summary>
internal sealed class OrphanDisposal(ILogger logger)
{
    /// <summary>Disposes one object on a separate thread.</summary>
    public void Dispose(object target, ContractBinding contract) => Run(() => DisposeNow(target, contract));

    /// <summary>
    /// Removes the peer's handlers from their events and disposes its objects, all on one separate thread.
    /// </summary>
    /// <param name="removeHandlers">Removes the handlers; null when there are none.</param>
    /// <param name="orphans">The objects.</param>
    public void Dispose(Action? removeHandlers, List<Export> orphans)
    {
        if (orphans.Count == 0 && removeHandlers is null)
        {
            return;
        }

        Run(() =>
        {
            removeHandlers?.Invoke();
            orphans.ForEach(orphan => DisposeNow(orphan.Target, orphan.Contract));
        });
    }

    /// <summary>
    /// Runs user code, which may take long, on a separate thread; on the thread pool if the system provides no thread.
    /// </summary>
    private static void Run(ThreadStart body)
    {
        try
        {
            BackgroundThread.Start(body, "ipc clean-up");
        }
        catch (OutOfMemoryException)
        {
            FrameworkPool.Queue(static body => body(), body);
        }
    }

    private void DisposeNow(object target, ContractBinding contract)
    {
        try
        {
            switch (target)
            {
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
                case IAsyncDisposable disposable:
                    disposable.DisposeAsync().AsTask().GetAwaiter().GetResult();
                    break;
            }
        }
        catch (Exception exception)
        {
            IpcLog.CallbackFailed(logger, $"The Dispose of {contract.Name}", exception);
        }
    }
}
