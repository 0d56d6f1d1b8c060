using Microsoft.Extensions.Logging;

namespace Multiprocess.Hosting.Tests;

/// <summary>Writes each record to a file, which a test reads when the process has ended.</summary>
internal sealed class FileLoggerProvider(string path) : ILoggerProvider
{
    private readonly StreamWriter _file = new(path) { AutoFlush = true };

    public ILogger CreateLogger(string categoryName) => new Logger(_file, categoryName);

    public void Dispose() => _file.Dispose();

    private sealed class Logger(StreamWriter file, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            lock (file)
            {
                file.WriteLine($"{logLevel} {category} {formatter(state, exception)}");
            }
        }
    }
}
