using System.Text;

namespace Multiprocess.Logging;

/// <summary>
/// A safe copy of an exception for the log. The exception's texts could forge lines, so they are escaped; only its
/// stack traces contain line breaks.
/// </summary>
internal sealed class LoggedException : Exception
{
    private const int MaxDepth = 16;

    private readonly string _text;

    private LoggedException(Exception exception)
        : base(Title(exception)) => _text = Describe(exception);

    /// <summary>Returns the exception itself, unless a text in it must be escaped.</summary>
    public static Exception Of(Exception exception)
        => IsSafe(exception, depth: 0) ? exception : new LoggedException(exception);

    public override string ToString() => _text;

    private static bool IsSafe(Exception exception, int depth)
    {
        if (depth == MaxDepth
            || !ReferenceEquals(MessageOf(exception), IpcText.Escape(MessageOf(exception), int.MaxValue))
            || !IsSafeStack(StackOf(exception)))
        {
            return false;
        }

        foreach (Exception inner in Inner(exception))
        {
            if (!IsSafe(inner, depth + 1))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Whether each line looks like a line of a stack trace: indented, or a separator. Parts may come from the peer.
    /// </summary>
    private static bool IsSafeStack(string? stack)
    {
        if (stack is null)
        {
            return true;
        }

        foreach (string line in stack.Split('\n'))
        {
            string whole = line.TrimEnd('\r');
            if (whole is not ("" or [' ', ..] or ['-', '-', '-', ..])
                || !ReferenceEquals(whole, IpcText.Escape(whole, int.MaxValue)))
            {
                return false;
            }
        }

        return true;
    }

    private static string Describe(Exception exception)
    {
        var text = new StringBuilder();
        Describe(text, exception, depth: 0);
        return text.ToString();
    }

    private static void Describe(StringBuilder text, Exception exception, int depth)
    {
        text.Append(Title(exception));
        string stack = StackOf(exception) ?? string.Empty;
        foreach (string line in stack.Split(
            '\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            text.Append("\n   ").Append(IpcText.Escape(line));
        }

        foreach (Exception inner in depth < MaxDepth ? Inner(exception) : [])
        {
            Describe(text.Append("\n ---> "), inner, depth + 1);
        }
    }

    private static string Title(Exception exception)
        => $"{IpcText.Escape(exception.GetType().FullName)}: {IpcText.Escape(MessageOf(exception))}";

    private static IReadOnlyList<Exception> Inner(Exception exception)
        => exception is AggregateException all
            ? all.InnerExceptions
            : exception.InnerException is { } inner
            ? [inner]
            : [];

    // Members of a user's exception may throw.
    private static string MessageOf(Exception exception)
    {
        try
        {
            return exception.Message;
        }
        catch (Exception)
        {
            return string.Empty;
        }
    }

    private static string? StackOf(Exception exception)
    {
        try
        {
            return exception.StackTrace;
        }
        catch (Exception)
        {
            return null;
        }
    }
}
