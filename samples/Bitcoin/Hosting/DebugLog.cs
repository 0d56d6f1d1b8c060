using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Bitcoin.Hosting;

/// <summary>A host's log: lines with a time, written to a file and to the console. Thread-safe.</summary>
/// <remarks>
/// Writing never throws: a full disk loses lines, which are counted. Text from other programs is escaped. A spawned
/// process receives its settings in the first call from its parent. Lines logged before that are kept, and written or
/// dropped when the log is opened.
/// </remarks>
public sealed class DebugLog : ILoggerFactory
{
    private const int MaxKeptLines = 1000;

    /// <summary>All categories; most of them have no lines in these programs.</summary>
    public static IReadOnlyList<string> KnownCategories { get; } =
    [
        "addrman", "bench", "blockstorage", "cmpctblock", "coindb", "estimatefee", "http", "i2p", "ipc", "leveldb",
        "mempool", "mempoolrej", "net", "privatebroadcast", "proxy", "prune", "qt", "rand", "reindex", "rpc", "scan",
        "selectcoins", "tor",
        "txpackages", "txreconciliation", "validation", "walletdb", "zmq",
    ];

    /// <summary>A category that is no longer used, but still accepted.</summary>
    public const string DeprecatedCategory = "libevent";

    internal static readonly string[] Everything = ["", "1", "all"];
    internal static readonly string[] Nothing = ["0", "none"];

    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly Queue<LogEntry> _kept = new();

    // All guarded by the gate once the log is open.
    private TextWriter? _console;
    private LogFile? _file;
    private LogForm _form = LogForm.Usual;
    private volatile HashSet<string>? _categories;
    private PosixSignalRegistration? _hangUp;

    /// <summary>Creates a log that keeps its lines until it is opened.</summary>
    public DebugLog(TimeProvider? clock = null) => _clock = clock ?? TimeProvider.System;

    /// <summary>The log of a program. The signal SIGHUP reopens its file instead of ending the program.</summary>
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

    /// <summary>Raised after the file was reopened, on the thread that reopened it.</summary>
    public event Action? Reopened;

    /// <summary>
    /// Receives each logged line of this program itself with its category, empty for none; not the lines of the
    /// toolkit. It must not throw. Null for nobody.
    /// </summary>
    public Action<string, string>? Copy { get; set; }

    /// <summary>Opens the file again by its name, after a log rotation has moved the old file.</summary>
    public void Reopen()
    {
        LogFile? file;
        lock (_gate)
        {
            file = _file;
        }

        // Outside the gate: another process may have to open it, and calls to other processes are logged.
        Stream? stream = null;
        string error = "";
        try
        {
            stream = file?.Open();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            error = exception.Message;
        }

        lock (_gate)
        {
            if (file is null || file != _file)
            {
                stream?.Dispose();
            }
            else
            {
                file.Replace(stream, error, Time());
            }
        }

        Reopened?.Invoke();
    }

    /// <summary>Opens the log, and writes the lines that were kept.</summary>
    /// <param name="path">The file, to which lines are appended; null for none.</param>
    /// <param name="console">The console; null for none.</param>
    /// <param name="categories">The categories to log; "1" or "all" for all of them.</param>
    /// <param name="form">The form of the lines; null for the time alone.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public void Open(string? path, TextWriter? console, IEnumerable<string> categories, LogForm? form = null)
    {
        OpenBy(
            path is null
                ? null
                : () => new FileStream(
                    path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0),
            console,
            categories,
            form);
    }

    /// <summary>Begins to write, with what has been kept.</summary>
    /// <param name="open">
    /// Opens the file for appending, now and whenever the log is reopened; it may call another process. Null for no
    /// file. It throws <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> where it cannot.
    /// </param>
    /// <param name="console">The console; null for none.</param>
    /// <param name="categories">The categories whose lines are wanted; "1" or "all" for every one.</param>
    /// <param name="form">What lines begin with; null for the time.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public void OpenBy(Func<Stream>? open, TextWriter? console, IEnumerable<string> categories, LogForm? form = null)
    {
        LogFile? file = open is null ? null : new LogFile(open);
        lock (_gate)
        {
            _form = form ?? LogForm.Usual;
            _file?.Dispose();
            _file = file;
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
    /// Checks values of -debug or -debugexclude. Values before the last "0" or "none" do not count.
    /// </summary>
    /// <exception cref="HostException">A value is not a category.</exception>
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

    /// <summary>The values of -debug after the last "0" or "none".</summary>
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

    /// <summary>Whether lines of a category are logged. True before the log is opened.</summary>
    public bool IsEnabled(string category)
    {
        return _categories is not { } categories || categories.Contains(category) || categories.Contains("all");
    }

    /// <summary>Writes a line without a category, which is always logged.</summary>
    public void Write(string message) => Write(null, message);

    /// <summary>Writes a warning, which is always logged.</summary>
    public void Warn(string message)
    {
        Add(null, LogForm.Warning, message);
        Copy?.Invoke("", message);
    }

    /// <summary>Writes a line of a category.</summary>
    public void Write(string? category, string message)
    {
        Add(category, category is null ? LogForm.Info : LogForm.Debug, message);

        // Outside the gate: the receiver may call another process.
        if (Copy is { } copy && (category is null || IsEnabled(category)))
        {
            copy(category ?? "", message);
        }
    }

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
    /// A logger for the toolkit. Its lines, except warnings and errors, belong to the category "ipc".
    /// </summary>
    public ILogger CreateLogger(string categoryName) => new CategoryLogger(this);

    /// <summary>Not supported: a host has one log.</summary>
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

        // Dispose waits for a running handler, which may need the gate. So it is called outside the gate.
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
            // The console is a closed pipe, or a file on a full disk. The log file has the line.
        }

        _file?.Write(_form.Time(entry.Time), line);
    }

    private sealed class CategoryLogger(DebugLog log) : ILogger
    {
        private const string Category = "ipc";

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        // Trace level contains payloads, which -debug=ipc does not include.
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

                // Never copied: the copy may be a call, about which the toolkit writes lines.
                bool isDebug = logLevel < LogLevel.Warning;
                log.Add(isDebug ? Category : null, isDebug ? LogForm.Debug : LogForm.Info, text);
            }
        }
    }
}
