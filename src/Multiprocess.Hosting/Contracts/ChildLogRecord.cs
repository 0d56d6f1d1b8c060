using Microsoft.Extensions.Logging;

namespace Multiprocess.Hosting.Contracts;

/// <summary>One log record of a child.</summary>
/// <param name="Category">The category of the logger.</param>
/// <param name="Level">The level.</param>
/// <param name="EventId">The number of the event.</param>
/// <param name="EventName">The name of the event, if it has one.</param>
/// <param name="Time">When the record was written, by the child's clock.</param>
/// <param name="Message">The formatted message.</param>
/// <param name="Values">The values of the state, including the template.</param>
/// <param name="Scopes">The scopes that were open, outermost first.</param>
/// <param name="Exception">The exception, if there was one.</param>
/// <param name="TraceId">The trace of the record; null if there is none.</param>
/// <param name="SpanId">The span in which the record was written; null if there is none.</param>
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
/// <param name="Name">The name.</param>
/// <param name="Kind">The original type of the value.</param>
/// <param name="Text">The value as text, in the invariant culture; null for null.</param>
internal sealed record ChildLogValue(string Name, ChildLogValueKind Kind, string? Text);

/// <summary>
/// The original type of a value. Values that a logger may compare or add arrive in their original type, all others as
/// text.
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
/// <param name="Text">The scope as text.</param>
/// <param name="Values">The named values, if there are any.</param>
internal sealed record ChildLogScope(string Text, ChildLogValue[] Values);

/// <summary>An exception of a record.</summary>
/// <param name="Type">The full name of the exception's type.</param>
/// <param name="Message">The message.</param>
/// <param name="Stack">The stack trace; null if the exception was never thrown.</param>
/// <param name="Text">The whole exception as text, including inner exceptions.</param>
internal sealed record ChildLogException(string Type, string Message, string? Stack, string Text);
