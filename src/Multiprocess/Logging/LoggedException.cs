using System.Text;

namespace Multiprocess.Logging;

/// <summary>An exception as it may be logged, where its own texts could forge lines: they are escaped, and only the lines of its stacks are lines.</summary>
internal sealed class LoggedException : Exception
{
    private const int MaxDepth = 16;

    private readonly string _text;

    private LoggedException(Exception exception)
        : base(Title(exception)) => _text = Describe(exception);

    /// <summary>The exception itself, unless a text in it has to be escaped.</summary>
    public static Exception Of(Exception exception) => IsSafe(exception, depth: 0) ? exception : new LoggedException(exception);

    public override string ToString() => _text;

    private static bool IsSafe(Exception exception, int depth)
    {
        if (depth == MaxDepth || !ReferenceEquals(MessageOf(exception), IpcText.Escape(MessageOf(exception), int.MaxValue)) || !IsSafeStack(StackOf(exception)))
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

    /// <summary>Whether each line is one of a stack: indented, or a rule. Part of it may be the peer's.</summary>
    private static bool IsSafeStack(string? stack)
    {
        if (stack is null)
        {
            return true;
        }

        foreach (string line in stack.Split('\n'))
        {
            string whole = line.TrimEnd('\r');
            if (whole is not ("" or [' ', ..] or ['-', '-', '-', ..]) || !ReferenceEquals(whole, IpcText.Escape(whole, int.MaxValue)))
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
        foreach (string line in (StackOf(exception) ?? string.Empty).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            text.Append("\n   ").Append(IpcText.Escape(line));
        }

        foreach (Exception inner in depth < MaxDepth ? Inner(exception) : [])
        {
            Describe(text.Append("\n ---> "), inner, depth + 1);
        }
    }

    private static string Title(Exception exception) => $"{IpcText.Escape(exception.GetType().FullName)}: {IpcText.Escape(MessageOf(exception))}";

    private static IReadOnlyList<Exception> Inner(Exception exception)
        => exception is AggregateException all ? all.InnerExceptions : exception.InnerException is { } inner ? [inner] : [];

    // A user's exception may throw in its own members.
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
