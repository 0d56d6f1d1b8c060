namespace Multiprocess.Hosting.Tests;

/// <summary>What the tests ask of a server in their own process.</summary>
[IpcInterface]
public interface ICounter
{
    event Action<int>? Counted;

    int Next();

    int Scope();

    Task<string> WaitAsync(CancellationToken cancellationToken = default);
}

/// <summary>A contract whose holder disposes.</summary>
[IpcInterface]
public interface IClosable : IDisposable
{
    int Answer();
}

/// <summary>Told which scopes have ended.</summary>
internal sealed class ScopeLog
{
    private int _made;

    public System.Collections.Concurrent.BlockingCollection<int> Ended { get; } = [];

    public int Enter() => Interlocked.Increment(ref _made);
}

internal sealed class ScopeProbe(ScopeLog log) : IAsyncDisposable
{
    public int Number { get; } = log.Enter();

    public ValueTask DisposeAsync()
    {
        log.Ended.Add(Number);
        return default;
    }
}

internal sealed class Counter(ScopeProbe scope, IpcConnection connection) : ICounter
{
    public static readonly TaskCompletionSource Unending = new();

    /// <summary>Has one item for each call of <see cref="WaitAsync"/> that runs.</summary>
    public static readonly System.Collections.Concurrent.BlockingCollection<int> Begun = [];

    private int _count;

    public event Action<int>? Counted;

    /// <summary>Set by a test to hold a call that ignores its token.</summary>
    public static Task? Held { get; set; }

    public int Next()
    {
        int count = ++_count;
        Counted?.Invoke(count);
        return count;
    }

    public int Scope() => connection.Closed.IsCancellationRequested ? -1 : scope.Number;

    public async Task<string> WaitAsync(CancellationToken cancellationToken = default)
    {
        Begun.Add(1, CancellationToken.None);
        if (Held is { } held)
        {
            await held;
            return "held";
        }

        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        catch (OperationCanceledException)
        {
        }

        return "cancelled";
    }
}

internal sealed class Closable : IClosable
{
    public int Answer() => 42;

    public void Dispose()
    {
    }
}
