using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Bitcoin.Hosting;

/// <summary>A host's log: lines with the time, to a file and to the console. Any thread may write.</summary>
/// <remarks>
/// A spawned process learns its settings with the first call from its parent. What is logged before that is kept, and
/// written or dropped when the log is opened.
/// </remarks>
public sealed class DebugLog : ILoggerFactory
{
    private const int MaxKeptLines = 1000;

    /// <summary>The categories there are; most of them are silent here.</summary>
    public static IReadOnlyList<string> KnownCategories { get; } =
    [
        "addrman", "bench", "blockstorage", "cmpctblock", "coindb", "estimatefee", "http", "i2p", "ipc", "leveldb", "libevent",
        "mempool", "mempoolrej", "net", "privatebroadcast", "proxy", "prune", "qt", "rand", "reindex", "rpc", "scan", "selectcoins", "tor",
        "txpackages", "txreconciliation", "validation", "walletdb", "zmq",
    ];

    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly Queue<(string? Category, string Line)> _kept = new();

    // All under the gate once the log is open.
    private TextWriter? _console;
    private StreamWriter? _file;
    private volatile HashSet<string>? _categories;

    /// <summary>A log that keeps its lines until it is opened.</summary>
    public DebugLog(TimeProvider? clock = null) => _clock = clock ?? TimeProvider.System;

    /// <summary>Begins to write, with what has been kept.</summary>
    /// <param name="path">The file, which is appended to; null for none.</param>
    /// <param name="console">The console; null for none.</param>
    /// <param name="categories">The categories whose lines are wanted; "1" or "all" for every one.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public void Open(string? path, TextWriter? console, IEnumerable<string> categories)
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = path is null ? null : new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite));
            _console = console;
            _categories = [.. categories];
            while (_kept.TryDequeue(out var kept))
            {
                WriteLocked(kept.Category, kept.Line);
            }
        }
    }

    /// <summary>Switches a category on or off.</summary>
    public void Switch(string category, bool on)
    {
        lock (_gate)
        {
            HashSet<string> categories = _categories is { } before && !before.Contains("1") && !before.Contains("all") ? [.. before] : [.. _categories is null ? [] : KnownCategories];
            if (on)
            {
                categories.Add(category);
            }
            else
            {
                categories.Remove(category);
            }

            _categories = categories;
        }
    }

    /// <summary>Whether a category's lines are wanted, or may turn out to be.</summary>
    public bool IsEnabled(string category)
    {
        return _categories is not { } categories || categories.Contains(category) || categories.Contains("1") || categories.Contains("all");
    }

    /// <summary>Writes a line of no category, which is always wanted.</summary>
    public void Write(string message) => Write(null, message);

    /// <summary>Writes a line of a category.</summary>
    public void Write(string? category, string message)
    {
        string time = _clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
        string line = category is null ? $"{time} {message}" : $"{time} [{category}] {message}";
        lock (_gate)
        {
            if (_categories is not null)
            {
                WriteLocked(category, line);
            }
            else if (_kept.Count < MaxKeptLines)
            {
                _kept.Enqueue((category, line));
            }
        }
    }

    /// <summary>A logger whose lines, below warnings, belong to the category "ipc": the toolkit is what logs that way.</summary>
    public ILogger CreateLogger(string categoryName) => new CategoryLogger(this);

    /// <summary>Not for use: a host has one log.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("A host has one log; no provider can be added to it.");

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private void WriteLocked(string? category, string line)
    {
        if (category is not null && !IsEnabled(category))
        {
            return;
        }

        _console?.WriteLine(line);
        _file?.WriteLine(line);
        _file?.Flush();
    }

    private sealed class CategoryLogger(DebugLog log) : ILogger
    {
        private const string Category = "ipc";

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        // Trace holds payloads, which -debug=ipc does not ask for.
        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning || (logLevel >= LogLevel.Debug && log.IsEnabled(Category));

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                string text = formatter(state, exception) + (exception is null ? "" : $" ({exception.GetType().Name}: {exception.Message})");
                log.Write(logLevel >= LogLevel.Warning ? null : Category, text);
            }
        }
    }
}
