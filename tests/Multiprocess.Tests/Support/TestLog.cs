using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Multiprocess.Tests.Support;

/// <summary>One written line.</summary>
internal sealed record LogEntry(
    string Category,
    LogLevel Level,
    int Id,
    string? Name,
    string Text,
    IReadOnlyDictionary<string, object?> Values,
    Exception? Exception);

/// <summary>Keeps what is logged, from a level on.</summary>
internal sealed class TestLog(LogLevel lowest = LogLevel.Trace) : ILoggerFactory
{
    private readonly ConcurrentQueue<LogEntry> _entries = new();
    private int _formatted;

    /// <summary>
    /// The lowest level that is kept. May be changed at any moment, as the filters of an application may.
    /// </summary>
    public LogLevel Lowest { get; set; } = lowest;

    public IReadOnlyList<LogEntry> Entries => [.. _entries];

    /// <summary>How often the runtime had a line formatted, or asked to.</summary>
    public int Formatted => Volatile.Read(ref _formatted);

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private sealed class Logger(TestLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= log.Lowest;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            Interlocked.Increment(ref log._formatted);
            var values = ((IReadOnlyList<KeyValuePair<string, object?>>)state!).ToDictionary(
                pair => pair.Key, pair => pair.Value);
            log._entries.Enqueue(
                new LogEntry(
                    category, logLevel, eventId.Id, eventId.Name, formatter(state, exception), values, exception));
        }
    }
}
