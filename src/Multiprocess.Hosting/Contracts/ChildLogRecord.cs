using Microsoft.Extensions.Logging;

namespace Multiprocess.Hosting.Contracts;

/// <summary>One log record of a child.</summary>
/// <param name="Category">The category of its logger.</param>
/// <param name="Level">Its level.</param>
/// <param name="EventId">The number of its event.</param>
/// <param name="EventName">The name of its event, if it has one.</param>
/// <param name="Time">When it was written, by the child's clock.</param>
/// <param name="Message">The formatted message.</param>
/// <param name="Values">The values of its state, the template among them.</param>
/// <param name="Scopes">The scopes that were open, outermost first.</param>
/// <param name="Exception">The exception, if there was one.</param>
/// <param name="TraceId">The trace that it belongs to; null for none.</param>
/// <param name="SpanId">The span in which it was written; null for none.</param>
internal sealed record ChildLogRecord(
    string Category,
    LogLevel Level,
    int EventId,
    string? EventName,
    DateTimeOffset Time,
    string Message,
    ChildLogValue[] Values,
    ChildLogScope[] Scopes,
    ChildLogException? Exception,
    string? TraceId,
    string? SpanId);

/// <summary>A named value of a record or of a scope.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it was.</param>
/// <param name="Text">The value as text, in the invariant culture; null for null.</param>
internal sealed record ChildLogValue(string Name, ChildLogValueKind Kind, string? Text);

/// <summary>
/// What a value was. Those that a logger may want to compare or to count arrive as what they were, all others as text.
/// </summary>
internal enum ChildLogValueKind
{
    Text,
    Boolean,
    Integer,
    Real,
    Decimal,
    Time,
    Duration,
    Identifier,
}

/// <summary>A scope.</summary>
/// <param name="Text">What it is as text.</param>
/// <param name="Values">Its named values, if it has any.</param>
internal sealed record ChildLogScope(string Text, ChildLogValue[] Values);

/// <summary>An exception of a record.</summary>
/// <param name="Type">The full name of its type.</param>
/// <param name="Message">Its message.</param>
/// <param name="Stack">Its stack; null if it was never thrown.</param>
/// <param name="Text">All of it as text, inner exceptions too.</param>
internal sealed record ChildLogException(string Type, string Message, string? Stack, string Text);
