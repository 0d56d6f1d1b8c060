using System.Diagnostics;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Serialization;

namespace Multiprocess.Calls;

/// <summary>
/// Carries the caller's <see cref="Activity"/> with a call, as W3C trace context, so that one trace spans the
/// processes.
/// </summary>
internal static class CallTrace
{
    /// <summary>The name of the source of the activities that begin for calls of the peer.</summary>
    public const string SourceName = "Multiprocess";

    // "00-", 32 digits, "-", 16 digits, "-", 2 digits; later versions of the standard may append.
    private const int MaxParentLength = 128;

    // The length that the standard asks every participant to pass on.
    private const int MaxStateLength = 512;

    private static readonly ActivitySource s_source = new(SourceName);

    /// <summary>Writes the trace context of <paramref name="activity"/> after the arguments of a call.</summary>
    /// <returns>False when the activity has no such context; nothing was written.</returns>
    public static bool TryWrite(ref MessagePackWriter writer, Activity activity)
    {
        if (activity is not { IdFormat: ActivityIdFormat.W3C, Id: { } parent })
        {
            return false;
        }

        writer.WriteArrayHeader(2);
        writer.WriteStrict(parent);
        writer.WriteStrict(activity.TraceStateString is { Length: > 0 and <= MaxStateLength } state ? state : null);
        return true;
    }

    /// <summary>
    /// Begins the activity of a call that carries a trace context. It is the thread's current activity until it stops.
    /// </summary>
    /// <returns>
    /// Null when the standard does not know the form of the context: the call then runs without an activity.
    /// </returns>
    /// <exception cref="IpcProtocolException">The data after the arguments is not a trace context.</exception>
    public static Activity? Begin(Message message, string contract, string? method)
    {
        var reader = new MessagePackReader(message.Body);
        reader.SkipStrict();
        if (reader.End || reader.ReadStrictArrayHeader() < 2)
        {
            throw new IpcProtocolException("Call: Expected a trace context after the arguments, got none.");
        }

        string parent = Bounded(reader.ReadStrictString(), MaxParentLength)
            ?? throw new IpcProtocolException("Expected a traceparent, got nil.");
        string? state = Bounded(reader.ReadStrictString(), MaxStateLength);
        if (!ActivityContext.TryParse(parent, state, isRemote: true, out ActivityContext context))
        {
            return null;
        }

        string name = $"{contract}/{method ?? "?"}";
        Activity activity = s_source.CreateActivity(name, ActivityKind.Server, context) ?? Unheard(name, context);
        activity.SetTag("rpc.system", "multiprocess");
        activity.SetTag("rpc.service", contract);
        activity.SetTag("rpc.method", method);
        return activity.Start();
    }

    /// <summary>Records the exception that the method threw.</summary>
    public static void Failed(Activity activity, Exception exception)
    {
        // Only the type: the message may contain arguments.
        string type = exception.GetType().FullName!;
        activity.SetTag("error.type", type);
        activity.SetStatus(ActivityStatusCode.Error, type);
    }

    /// <summary>
    /// Creates an activity although nothing listens in this process: the trace continues in the processes that it
    /// calls.
    /// </summary>
    private static Activity Unheard(string name, ActivityContext context)
        => new Activity(name) { TraceStateString = context.TraceState }
            .SetParentId(context.TraceId, context.SpanId, context.TraceFlags);

    private static string? Bounded(string? text, int longest)
        => text is null || text.Length <= longest
            ? text
            : throw new IpcProtocolException(
                $"Expected a trace context of at most {longest} characters, got {text.Length}.");
}
