namespace Multiprocess.Tests.Support;

/// <summary>Something that one thread of a test waits for and another brings about. Waiting is bounded.</summary>
internal sealed class Signal
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsSet => _completion.Task.IsCompleted;

    public Task Task => _completion.Task.WaitAsync(Patience.Bound);

    public void Set() => _completion.TrySetResult();

    /// <exception cref="TimeoutException">It was not set in time.</exception>
    public void Await() => Await(Patience.Bound);

    /// <exception cref="TimeoutException">It was not set in time.</exception>
    public void Await(TimeSpan bound)
    {
        if (!_completion.Task.Wait(bound))
        {
            throw new TimeoutException("A signal of the test was not set in time.");
        }
    }
}
