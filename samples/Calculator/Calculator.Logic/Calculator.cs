namespace Calc;

/// <summary>An ordinary class that knows nothing of processes.</summary>
public sealed class Calculator : ICalculator
{
    private readonly Lock _lock = new();
    private Action<int>? _watchers;

    public int Add(int a, int b) => Tell(checked(a + b));

    public bool TryDivide(int a, int b, out int quotient)
    {
        quotient = b == 0 ? 0 : Tell(a / b);
        return b != 0;
    }

    public IDisposable Watch(Action<int> onResult)
    {
        lock (_lock)
        {
            _watchers += onResult;
        }

        return new Subscription(this, onResult);
    }

    public async Task<int> AddSlowlyAsync(int a, int b, CancellationToken cancellationToken = default)
    {
        await Task.Delay(100, cancellationToken);
        return Add(a, b);
    }

    private int Tell(int result)
    {
        // Outside the lock: a watcher may call back.
        Volatile.Read(ref _watchers)?.Invoke(result);
        return result;
    }

    private sealed class Subscription(Calculator calculator, Action<int> onResult) : IDisposable
    {
        public void Dispose()
        {
            lock (calculator._lock)
            {
                calculator._watchers -= onResult;
            }
        }
    }
}
