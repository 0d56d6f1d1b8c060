using Microsoft.Extensions.Logging;

namespace Multiprocess.Hosting.Logging;

/// <summary>
/// The loggers of a connection that is opened before its host is built. They write nothing until a factory is set.
/// </summary>
internal sealed class LateLoggerFactory : ILoggerFactory
{
    private volatile ILoggerFactory? _factory;

    /// <summary>Sets the factory to which all loggers write from now on.</summary>
    public void Set(ILoggerFactory factory) => _factory = factory;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private sealed class Logger(LateLoggerFactory owner, string category) : ILogger
    {
        private ILogger? _logger;

        private ILogger? Real => _logger ?? Find();

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => Real?.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => Real?.IsEnabled(logLevel) ?? false;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
            => Real?.Log(logLevel, eventId, state, exception, formatter);

        private ILogger? Find()
        {
            try
            {
                return owner._factory is { } factory ? _logger = factory.CreateLogger(category) : null;
            }
            catch (ObjectDisposedException)
            {
                return null; // The host is gone, and the connection ends too.
            }
        }
    }
}
