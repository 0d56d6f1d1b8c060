using Microsoft.Extensions.Logging;

namespace Multiprocess.Logging;

/// <summary>Where nobody wants a log. Like the library's own, but compiled ahead with this assembly, as every child needs it to start.</summary>
internal sealed class SilentLogger : ILogger
{
    public static SilentLogger Instance { get; } = new();

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => false;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
    }
}
