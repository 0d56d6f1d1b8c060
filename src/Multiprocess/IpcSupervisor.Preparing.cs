namespace Multiprocess;

/// <summary>Runs the hook <c>prepare</c> for each new child.</summary>
public sealed partial class IpcSupervisor<T>
{
    /// <summary>Prepares the first child, and ends it if that fails.</summary>
    private async Task PrepareFirstAsync(IpcChildProcess<T> child, CancellationToken cancellationToken)
    {
        try
        {
            await PrepareAsync(child, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await child.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Runs the hook for a new child, until the child is lost or the wait is cancelled.</summary>
    /// <exception cref="IpcDisconnectedException">The child was lost.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    private async Task PrepareAsync(IpcChildProcess<T> child, CancellationToken cancellationToken)
    {
        if (_prepare is null)
        {
            return;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(child.Connection.Closed, cancellationToken);
        Task preparing = _prepare(child, ended.Token);
        Task first = await Task.WhenAny(
            preparing, Task.Delay(Timeout.InfiniteTimeSpan, ended.Token)).ConfigureAwait(false);
        if (first != preparing)
        {
            // The hook may continue, but nothing waits for it any longer.
            _ = preparing.ContinueWith(
                static task => _ = task.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);
            cancellationToken.ThrowIfCancellationRequested();
            throw EndedEarly(child);
        }

        try
        {
            await preparing.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (
            child.Connection.Closed.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The hook reacted to its token: tell the caller why the token was cancelled.
            throw EndedEarly(child);
        }
    }

    private static IpcDisconnectedException EndedEarly(IpcChildProcess<T> child)
    {
        string? reason = child.Connection.Core.Channel.ClosedReason?.Message;
        return new($"Process {child.Id} ended while it was prepared. {reason}".TrimEnd());
    }
}
