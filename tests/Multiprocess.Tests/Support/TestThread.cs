using System.Runtime.ExceptionServices;

namespace Multiprocess.Tests.Support;

/// <summary>A thread that a test starts and joins, bounded; what it threw is thrown where it is joined.</summary>
internal sealed class TestThread<T>
{
    private readonly Thread _thread;
    private T? _result;
    private ExceptionDispatchInfo? _thrown;

    public TestThread(Func<T> body, string? name, int maxStackBytes = 0)
    {
        _thread = new Thread(() => Run(body), maxStackBytes) { IsBackground = true, Name = name };
        _thread.Start();
    }

    public bool HasEnded => !_thread.IsAlive;

    public void Interrupt() => _thread.Interrupt();

    public T Join() => Join(Patience.Bound);

    /// <param name="bound">How long to wait: longer than usual when thousands of threads end together.</param>
    public T Join(TimeSpan bound)
    {
        if (!_thread.Join(bound))
        {
            throw new TimeoutException("A thread of the test did not end in time.");
        }

        _thrown?.Throw();
        return _result!;
    }

    private void Run(Func<T> body)
    {
        try
        {
            _result = body();
        }
        catch (Exception exception)
        {
            _thrown = ExceptionDispatchInfo.Capture(exception);
        }
    }
}

internal static class TestThread
{
    public static TestThread<T> Start<T>(Func<T> body, string? name = null) => new(body, name);

    public static TestThread<bool> Start(Action body, string? name = null)
        => new(
            () =>
            {
                body();
                return true;
            },
            name);

    /// <summary>Runs <paramref name="body"/> on a thread of its own and waits for it.</summary>
    public static T Run<T>(Func<T> body, string? name = null) => Start(body, name).Join();

    public static void Run(Action body, string? name = null) => Start(body, name).Join();
}
