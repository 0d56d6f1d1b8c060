using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Bitcoin.Hosting;

/// <summary>A host's log: lines with the time, to a file and to the console. Any thread may write.</summary>
/// <remarks>
/// Writing never throws: a full disk loses lines, which are counted, and nothing else. What others say is escaped.
/// A spawned process learns its settings with the first call from its parent. What is logged before that is kept, and
/// written or dropped when the log is opened.
/// </remarks>
public sealed class DebugLog : ILoggerFactory
{
    private const int MaxKeptLines = 1000;

    /// <summary>The categories there are; most of them are silent here.</summary>
    public static IReadOnlyList<string> KnownCategories { get; } =
    [
        "addrman", "bench", "blockstorage", "cmpctblock", "coindb", "estimatefee", "http", "i2p", "ipc", "leveldb",
        "mempool", "mempoolrej", "net", "privatebroadcast", "proxy", "prune", "qt", "rand", "reindex", "rpc", "scan",
        "selectcoins", "tor",
        "txpackages", "txreconciliation", "validation", "walletdb", "zmq",
    ];

    /// <summary>A category that nothing is logged under any more, and that may still be named.</summary>
    public const string DeprecatedCategory = "libevent";

    internal static readonly string[] Everything = ["", "1", "all"];
    internal static readonly string[] Nothing = ["0", "none"];

    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly Queue<LogEntry> _kept = new();

    // All under the gate once the log is open.
    private TextWriter? _console;
    private LogFile? _file;
    private LogForm _form = LogForm.Usual;
    private volatile HashSet<string>? _categories;
    private PosixSignalRegistration? _hangUp;

    /// <summary>A log that keeps its lines until it is opened.</summary>
    public DebugLog(TimeProvider? clock = null) => _clock = clock ?? TimeProvider.System;

    /// <summary>The log of a program: SIGHUP, which would end the program, opens its file anew.</summary>
    public static DebugLog OfProgram()
    {
        DebugLog log = new();
        if (!OperatingSystem.IsWindows())
        {
            log._hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
            {
                context.Cancel = true;
                log.Reopen();
            });
        }

        return log;
    }

    /// <summary>Told after the file was opened anew, on the thread that did it.</summary>
    public event Action? Reopened;

    /// <summary>Opens the file anew by its name, for whoever has moved the old one away.</summary>
    public void Reopen()
    {
        lock (_gate)
        {
            _file?.Reopen(Time());
        }

        Reopened?.Invoke();
    }

    /// <summary>Begins to write, with what has been kept.</summary>
    /// <param name="path">The file, which is appended to; null for none.</param>
    /// <param name="console">The console; null for none.</param>
    /// <param name="categories">The categories whose lines are wanted; "1" or "all" for every one.</param>
    /// <param name="form">What lines begin with; null for the time.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public void Open(string? path, TextWriter? console, IEnumerable<string> categories, LogForm? form = null)
    {
        lock (_gate)
        {
            _form = form ?? LogForm.Usual;
            _file?.Dispose();
            _file = path is null
                ? null
                : new LogFile(
                    () => new FileStream(
                        path,
                        FileMode.Append,
                        FileAccess.Write,
                        FileShare.ReadWrite | FileShare.Delete,
                        bufferSize: 0));
            _console = console;
            List<string> wanted = [.. categories];
            _categories = wanted.Exists(Nothing.Contains)
                ? []
                : [.. wanted.Select(static category => Everything.Contains(category) ? "all" : category)];
            while (_kept.TryDequeue(out LogEntry? kept))
            {
                WriteLocked(kept);
            }
        }
    }

    /// <summary>
    /// Looks at values of -debug, or of -debugexclude: those before the last that takes all back do not count.
    /// </summary>
    /// <exception cref="HostException">One is no category.</exception>
    public static void Check(IReadOnlyList<string> categories, string option = "debug")
    {
        string? unknown = Counting(categories)
            .FirstOrDefault(
                static category => !Everything.Contains(
                    category) && !KnownCategories.Contains(category) && category != DeprecatedCategory);
        if (unknown is not null)
        {
            throw new HostException($"Unsupported logging category -{option}={unknown}.");
        }
    }

    /// <summary>The values of -debug behind the last "0" or "none".</summary>
    internal static IEnumerable<string> Counting(IReadOnlyList<string> categories)
    {
        int last = categories.Count - 1;
        while (last >= 0 && !Nothing.Contains(categories[last]))
        {
            last--;
        }

        return categories.Skip(last + 1);
    }

    /// <summary>Switches a category on or off.</summary>
    public void Switch(string category, bool on)
    {
        lock (_gate)
        {
            HashSet<string> categories = _categories is { } before && !before.Contains("all")
                ? [.. before]
                : [.. _categories is null ? [] : KnownCategories];
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
        return _categories is not { } categories || categories.Contains(category) || categories.Contains("all");
    }

    /// <summary>Writes a line of no category, which is always wanted.</summary>
    public void Write(string message) => Add(null, LogForm.Info, message);

    /// <summary>Writes a warning, which is always wanted.</summary>
    public void Warn(string message) => Add(null, LogForm.Warning, message);

    /// <summary>Writes a line of a category.</summary>
    public void Write(string? category, string message)
        => Add(category, category is null ? LogForm.Info : LogForm.Debug, message);

    private void Add(string? category, string level, string message)
    {
        LogEntry entry = new(
            _clock.GetUtcNow(), Thread.CurrentThread.Name ?? "", category, level, LineText.Escape(message));
        lock (_gate)
        {
            if (_categories is not null)
            {
                WriteLocked(entry);
            }
            else if (_kept.Count < MaxKeptLines)
            {
                _kept.Enqueue(entry);
            }
        }
    }

    /// <summary>
    /// A logger whose lines, below warnings, belong to the category "ipc": the toolkit is what logs that way.
    /// </summary>
    public ILogger CreateLogger(string categoryName) => new CategoryLogger(this);

    /// <summary>Not for use: a host has one log.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public void AddProvider(ILoggerProvider provider)
        => throw new NotSupportedException("A host has one log; no provider can be added to it.");

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }

        // Waits for a handler that runs, so not inside the gate, which it may want.
        _hangUp?.Dispose();
    }

    private string Time() => _form.Time(_clock.GetUtcNow());

    private void WriteLocked(LogEntry entry)
    {
        if (entry.Category is not null && !IsEnabled(entry.Category))
        {
            return;
        }

        string line = _form.Line(entry);
        try
        {
            _console?.WriteLine(line);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // A closed pipe, or a full disk behind it. The file has the line.
        }

        _file?.Write(_form.Time(entry.Time), line);
    }

    private sealed class CategoryLogger(DebugLog log) : ILogger
    {
        private const string Category = "ipc";

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        // Trace holds payloads, which -debug=ipc does not ask for.
        public bool IsEnabled(LogLevel logLevel)
            => logLevel >= LogLevel.Warning || (logLevel >= LogLevel.Debug && log.IsEnabled(Category));

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                string text = formatter(state, exception) + (exception is null
                    ? ""
                    : $" ({exception.GetType().Name}: {exception.Message})");
                log.Write(logLevel >= LogLevel.Warning ? null : Category, text);
            }
        }
    }
}
