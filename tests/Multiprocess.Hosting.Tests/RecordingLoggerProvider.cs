using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Multiprocess.Hosting.Tests;

/// <summary>A record as a logger gets it.</summary>
internal sealed record LogRecord(
    string Category,
    LogLevel Level,
    EventId Event,
    string Message,
    KeyValuePair<string,
    object?>[] Values,
    object?[] Scopes,
    Exception? Exception);

/// <summary>Keeps what is logged, and lets tests wait for it.</summary>
internal sealed class RecordingLoggerProvider : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<LogRecord> _records = [];
    private readonly Lock _lock = new();
    private readonly List<(Func<LogRecord, bool> IsIt, TaskCompletionSource<LogRecord> Found)> _awaited = [];
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    /// <summary>Called before a record is kept, by the thread that logs.</summary>
    public Action<string>? Before { get; set; }

    public IReadOnlyCollection<LogRecord> Records => _records;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
    }

    /// <summary>The first record of that kind, as soon as it is there.</summary>
    public Task<LogRecord> Find(Func<LogRecord, bool> isIt)
    {
        lock (_lock)
        {
            if (_records.FirstOrDefault(isIt) is { } there)
            {
                return Task.FromResult(there);
            }

            var found = new TaskCompletionSource<LogRecord>(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((isIt, found));
            return found.Task.WaitAsync(Bounds.Time);
        }
    }

    private void Add(LogRecord record)
    {
        Before?.Invoke(record.Category);
        lock (_lock)
        {
            _records.Enqueue(record);
            foreach ((Func<LogRecord, bool> isIt, TaskCompletionSource<LogRecord> found) in _awaited)
            {
                if (isIt(record))
                {
                    _ = found.TrySetResult(record);
                }
            }
        }
    }

    private sealed class Logger(RecordingLoggerProvider owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => owner._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            List<object?> scopes = [];
            owner._scopes.ForEachScope(static (scope, list) => list.Add(scope), scopes);
            owner.Add(new LogRecord(
                category,
                logLevel,
                eventId,
                formatter(state, exception),
                state is IEnumerable<KeyValuePair<string, object?>> values ? [.. values] : [],
                [.. scopes],
                exception));
        }
    }
}
