namespace Multiprocess.Hosting;

/// <summary>The exception of a log record that a child has written. It is only logged, never thrown.</summary>
public sealed class IpcChildLoggedException : Exception
{
    private readonly string? _stack;
    private readonly string _text;

    internal IpcChildLoggedException(string exceptionType, string message, string? stack, string text)
        : base(message)
    {
        ExceptionType = exceptionType;
        _stack = stack;
        _text = text;
    }

    /// <summary>The full name of the exception's type in the child.</summary>
    public string ExceptionType { get; }

    /// <summary>The stack trace in the child; null if the exception was never thrown.</summary>
    public override string? StackTrace => _stack;

    /// <summary>The whole exception as the child would have shown it, including inner exceptions.</summary>
    public override string ToString() => _text;
}
