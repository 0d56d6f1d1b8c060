using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Multiprocess.Hosting.Contracts;

namespace Multiprocess.Hosting.Parents;

/// <summary>
/// Turns log entries into records for the parent, on the thread that logs, because the values may change later.
/// </summary>
internal sealed class ParentLogger(
    string category, LogQueue queue, Func<IExternalScopeProvider?> scopes, TimeProvider time) : ILogger
{
    /// <summary>The most characters of one text; a longer text ends in an ellipsis.</summary>
    public const int MaxText = 32 * 1024;

    /// <summary>The most values of a record or a scope, and the most scopes.</summary>
    public const int MaxItems = 64;

    // The connection's own category is left out. Sending a record is a call, and a call must not write another record;
    // nor may the connection's threads wait here.
    private readonly bool _isConnection = category == IpcConnectionOptions.LogCategory;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => scopes()?.Push(state);

    public bool IsEnabled(LogLevel logLevel)
        => logLevel != LogLevel.None && (!_isConnection || logLevel >= LogLevel.Information);

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        Activity? activity = Activity.Current;
        var record = new ChildLogRecord(
            Cut(category),
            logLevel,
            eventId.Id,
            eventId.Name is { } name ? Cut(name) : null,
            time.GetUtcNow(),
            Cut(formatter(state, exception)),
            Values(state),
            Scopes(),
            exception is null ? null : Describe(exception),
            activity?.TraceId.ToHexString(),
            activity?.SpanId.ToHexString());
        queue.Add(record, Length(record), mayWait: !_isConnection);
    }

    private static string Cut(string text)
    {
        if (text.Length <= MaxText)
        {
            return text;
        }

        int end = char.IsHighSurrogate(text[MaxText - 2]) ? MaxText - 2 : MaxText - 1;
        return string.Concat(text.AsSpan(0, end), "…");
    }

    private static ChildLogException Describe(Exception exception)
        => new(
            Cut(exception.GetType().FullName ?? exception.GetType().Name),
            Cut(exception.Message),
            exception.StackTrace is { } stack ? Cut(stack) : null,
            Cut(exception.ToString()));

    private static ChildLogValue[] Values(object? state)
        => state is IEnumerable<KeyValuePair<string, object?>> values
            ? [.. values.Take(MaxItems).Select(value => Describe(value.Key, value.Value))]
            : [];

    private static ChildLogValue Describe(string name, object? value)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        (ChildLogValueKind kind, string? text) = value switch
        {
            null => (ChildLogValueKind.Text, null),
            string known => (ChildLogValueKind.Text, known),
            bool known => (ChildLogValueKind.Boolean, known ? bool.TrueString : bool.FalseString),
            sbyte or byte or short or ushort or int or uint or long
                => (ChildLogValueKind.Integer, ((IFormattable)value).ToString(null, culture)),
            float or double => (ChildLogValueKind.Real, ((IFormattable)value).ToString("R", culture)),
            decimal known => (ChildLogValueKind.Decimal, known.ToString(culture)),
            DateTimeOffset known => (ChildLogValueKind.Time, known.ToString("O", culture)),
            TimeSpan known => (ChildLogValueKind.Duration, known.ToString("c", culture)),
            Guid known => (ChildLogValueKind.Identifier, known.ToString("D")),
            IFormattable known => (ChildLogValueKind.Text, known.ToString(null, culture)),
            System.Collections.IEnumerable known
                => (ChildLogValueKind.Text, string.Join(
                    ", ", known.Cast<object?>().Take(MaxItems).Select(item => Convert.ToString(item, culture)))),
            _ => (ChildLogValueKind.Text, value.ToString()),
        };
        return new ChildLogValue(Cut(name), kind, text is null ? null : Cut(text));
    }

    private static int Length(ChildLogRecord record)
        => record.Category.Length + record.Message.Length + Length(record.Values)
            + record.Scopes.Sum(scope => scope.Text.Length + Length(scope.Values))
            + (record.Exception is { } exception
                ? exception.Message.Length + exception.Text.Length + (exception.Stack?.Length ?? 0)
                : 0);

    private static int Length(ChildLogValue[] values)
        => values.Sum(value => value.Name.Length + (value.Text?.Length ?? 0));

    private ChildLogScope[] Scopes()
    {
        if (scopes() is not { } provider)
        {
            return [];
        }

        List<ChildLogScope> open = [];
        provider.ForEachScope(
            static (scope, open) =>
            {
                if (scope is not null && open.Count < MaxItems)
                {
                    open.Add(
                        new ChildLogScope(
                            Cut(Convert.ToString(scope, CultureInfo.InvariantCulture) ?? string.Empty), Values(scope)));
                }
            },
            open);
        return [.. open];
    }
}
