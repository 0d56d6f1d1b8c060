using System.Globalization;
using Microsoft.Extensions.Logging;
using Multiprocess.Hosting.Contracts;
using Multiprocess.Hosting.Logging;

namespace Multiprocess.Hosting.Children;

/// <summary>Writes a child's log records to this process's loggers, as if this process had written them.</summary>
/// <remarks>
/// One thread at a time. Texts of the child are not trusted. They are escaped, so they can neither control a terminal
/// nor change the direction of writing; line breaks are kept. A factory keeps each logger forever, so the number of
/// categories is limited.
/// </remarks>
internal sealed class ChildLogWriter(ILoggerFactory factory, string child, int processId)
{
    /// <summary>The most categories of one child that get a logger here.</summary>
    public const int MaxCategories = 1_000;

    private readonly Dictionary<string, ILogger> _loggers = new(StringComparer.Ordinal);
    private ILogger? _others;

    /// <summary>The category of the lines that a child writes to its standard streams.</summary>
    public static string CategoryOf(string child) => $"{HostingLog.Category}.Child.{child}";

    /// <summary>Writes one record. Exceptions of a logger reach the caller.</summary>
    public void Write(ChildLogRecord record)
    {
        ILogger logger = Find(record.Category);
        LogLevel level = record.Level is >= LogLevel.Trace and <= LogLevel.Critical
            ? record.Level
            : LogLevel.Information;
        if (!logger.IsEnabled(level))
        {
            return;
        }

        var scopes = new Stack<IDisposable?>(record.Scopes.Length + 1);
        try
        {
            scopes.Push(logger.BeginScope(Origin(record)));
            foreach (ChildLogScope scope in record.Scopes)
            {
                scopes.Push(scope.Values.Length == 0
                    ? logger.BeginScope(Lines(scope.Text))
                    : logger.BeginScope(new ChildLogState(Lines(scope.Text), Values(scope.Values))));
            }

            logger.Log(
                level,
                new EventId(record.EventId, record.EventName is { } name ? IpcText.Escape(name) : null),
                new ChildLogState(Lines(record.Message), Values(record.Values)),
                Exception(record.Exception),
                static (state, _) => state.ToString());
        }
        finally
        {
            while (scopes.TryPop(out IDisposable? scope))
            {
                scope?.Dispose();
            }
        }
    }

    private static IpcChildLoggedException? Exception(ChildLogException? exception)
        => exception is null
            ? null
            : new IpcChildLoggedException(
                IpcText.Escape(exception.Type),
                Lines(exception.Message),
                exception.Stack is { } stack ? Lines(stack) : null,
                Lines(exception.Text));

    /// <summary>
    /// A text that may have several lines. All lines after the first are indented: a line that begins at the margin
    /// belongs to this process's own log, and no child may forge such a line.
    /// </summary>
    private static string Lines(string? text)
        => IpcText.EscapeLines(text).Replace("\n", "\n  ", StringComparison.Ordinal);

    private static KeyValuePair<string, object?>[] Values(ChildLogValue[] values)
        => [.. values.Select(value => KeyValuePair.Create(IpcText.Escape(value.Name), Parse(value)))];

    /// <summary>The value in its original type. A text that is not a value of that type stays a text.</summary>
    private static object? Parse(ChildLogValue value)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        string? text = value.Text;
        return value.Kind switch
        {
            ChildLogValueKind.Boolean when bool.TryParse(text, out bool boolean) => boolean,
            ChildLogValueKind.Integer when long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out long integer)
                => integer,
            ChildLogValueKind.Real when double.TryParse(text, culture, out double real) => real,
            ChildLogValueKind.Decimal when decimal.TryParse(text, culture, out decimal number) => number,
            ChildLogValueKind.Time when DateTimeOffset.TryParseExact(
                text, "O", culture, DateTimeStyles.None, out DateTimeOffset time)
                => time,
            ChildLogValueKind.Duration when TimeSpan.TryParseExact(text, "c", culture, out TimeSpan duration)
                => duration,
            ChildLogValueKind.Identifier when Guid.TryParseExact(text, "D", out Guid identifier) => identifier,
            _ => text is null ? null : Lines(text),
        };
    }

    /// <summary>The outermost scope, which says which child wrote the record.</summary>
    private ChildLogState Origin(ChildLogRecord record)
    {
        List<KeyValuePair<string, object?>> values =
        [
            KeyValuePair.Create("Child", (object?)child),
            KeyValuePair.Create("ChildProcessId", (object?)processId),
            KeyValuePair.Create("ChildTime", (object?)record.Time),
        ];
        if (record.TraceId is { } trace)
        {
            values.Add(KeyValuePair.Create("TraceId", (object?)IpcText.Escape(trace)));
            values.Add(KeyValuePair.Create("SpanId", (object?)IpcText.Escape(record.SpanId)));
        }

        if (_loggers.Count == MaxCategories && !_loggers.ContainsKey(record.Category))
        {
            values.Add(KeyValuePair.Create("Category", (object?)IpcText.Escape(record.Category)));
        }

        return new ChildLogState(
            string.Create(CultureInfo.InvariantCulture, $"child {child}, process {processId}"), [.. values]);
    }

    private ILogger Find(string category)
    {
        if (_loggers.TryGetValue(category, out ILogger? logger))
        {
            return logger;
        }

        if (_loggers.Count == MaxCategories)
        {
            if (_others is null)
            {
                _others = factory.CreateLogger(CategoryOf(child));
                HostingLog.TooManyCategories(
                    factory.CreateLogger(HostingLog.Category), child, processId, MaxCategories, CategoryOf(child));
            }

            return _others;
        }

        logger = factory.CreateLogger(IpcText.Escape(category));
        _loggers.Add(category, logger);
        return logger;
    }
}
