using Microsoft.Extensions.Logging;

namespace Multiprocess.Logging;

/// <summary>
/// Wraps the application's logger. An exception of that logger, for example because a disk is full or the logger was
/// disposed, is ignored and the log entry is lost: it must end neither a call nor the process.
/// </summary>
internal sealed class GuardedLogger(ILogger logger) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return logger.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false;
        }
    }

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        try
        {
            logger.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // There is no place left to report this.
        }
    }
}
