using Microsoft.Extensions.Logging;

namespace Multiprocess.Logging;

/// <summary>
/// Used when no log is wanted. Same as the logging library's null logger, but compiled ahead of time with this
/// assembly, because every child needs it to start.
/// </summary>
internal sealed class SilentLogger : ILogger
{
    public static SilentLogger Instance { get; } = new();

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => false;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
    }
}
