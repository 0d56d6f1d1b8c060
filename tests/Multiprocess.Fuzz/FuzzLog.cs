using Microsoft.Extensions.Logging;

namespace Multiprocess.Fuzz;

/// <summary>
/// Keeps the first logged exception that shows a defect of the runtime. Everything is formatted, as at trace level.
/// </summary>
internal sealed class FuzzLog : ILoggerFactory, ILogger
{
    private Exception? _defect;

    public Exception? TakeDefect() => Interlocked.Exchange(ref _defect, null);

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        _ = formatter(state, exception);
        for (Exception? one = exception; one is not null; one = one.InnerException)
        {
            if (one is NullReferenceException
                or IndexOutOfRangeException
                or InvalidCastException
                or KeyNotFoundException
                or OutOfMemoryException
                or ArgumentException)
            {
                _ = Interlocked.CompareExchange(ref _defect, one, null);
            }
        }
    }

    public void Dispose()
    {
    }
}
