using System.Text;
using Microsoft.Extensions.Logging;

namespace Multiprocess.Logging;

/// <summary>Writes the log entries of the category <c>Multiprocess.Ipc</c>. The event ids are stable.</summary>
/// <remarks>
/// Each entry names process, thread and request, so that the logs of both sides can be compared. Every text is escaped
/// with <see cref="IpcText"/>: a test calls each method with harmful texts.
/// </remarks>
internal static partial class IpcLog
{
    public const string Category = IpcConnectionOptions.LogCategory;

    private const int PayloadCharacters = 200;

    private const int MaxNameCharacters = 200;

    // Chains of waiting calls are the longest texts.
    private const int MaxTextCharacters = 16 * 1024;

    /// <summary>
    /// Creates the logger of a connection or a server. It never throws, whatever the application's logger does.
    /// </summary>
    public static ILogger Create(ILoggerFactory? factory)
    {
        try
        {
            return factory is null ? SilentLogger.Instance : new GuardedLogger(factory.CreateLogger(Category));
        }
        catch (Exception)
        {
            // For example because the factory was disposed.
            return SilentLogger.Instance;
        }
    }

    private static string Here
        => $"[{Environment.ProcessId} "
            + IpcText.Escape(Thread.CurrentThread.Name ?? "thread", MaxNameCharacters)
            + $"/{Environment.CurrentManagedThreadId}]";

    /// <summary>
    /// Escapes text that may come from outside, so that it can neither forge a line nor control a terminal.
    /// </summary>
    private static string Text(string text) => IpcText.Escape(text, MaxTextCharacters);

    public static void Connected(ILogger logger, string description, IpcPeer peer, bool mayUseMemory)
    {
        if (logger.IsEnabled(LogLevel.Information))
        {
            string transport = Text(description);
            Connected(
                logger,
                Here,
                mayUseMemory ? $"{transport}, and shared memory while busy," : transport,
                Text(peer.Description));
        }
    }

    public static void EnteredMemory(ILogger logger, string description, int ringBytes)
    {
        if (logger.IsEnabled(LogLevel.Debug))
        {
            EnteredMemory(logger, Here, Text(description), ringBytes);
        }
    }

    public static void LeftMemory(ILogger logger, string description, long messages)
    {
        if (logger.IsEnabled(LogLevel.Debug))
        {
            LeftMemory(logger, Here, Text(description), messages);
        }
    }

    public static void PeerRefused(ILogger logger, IpcPeer peer, string what)
    {
        if (logger.IsEnabled(LogLevel.Warning))
        {
            PeerRefused(logger, Here, Text(peer.Description), Text(what));
        }
    }

    public static void HandshakeFailed(ILogger logger, string where, string reason)
    {
        if (logger.IsEnabled(LogLevel.Warning))
        {
            HandshakeFailed(logger, Here, Text(where), Text(reason));
        }
    }

    public static void SandboxIncomplete(ILogger logger, string program, int processId, string missing)
    {
        if (logger.IsEnabled(LogLevel.Warning))
        {
            SandboxIncomplete(logger, Here, Text(program), processId, Text(missing));
        }
    }

    public static void Recording(ILogger logger, string path)
    {
        if (logger.IsEnabled(LogLevel.Warning))
        {
            Recording(logger, Here, Text(path));
        }
    }

    public static void RecordingEnded(ILogger logger, string path, string reason)
    {
        if (logger.IsEnabled(LogLevel.Warning))
        {
            RecordingEnded(logger, Here, Text(path), Text(reason));
        }
    }

    public static void Handshake(ILogger logger, int version, string? mine, string? theirs)
    {
        if (logger.IsEnabled(LogLevel.Debug))
        {
            Handshake(logger, Here, version, Text(mine ?? "nothing"), Text(theirs ?? "nothing"));
        }
    }

    public static void Disconnected(ILogger logger, string description, string reason)
    {
        if (logger.IsEnabled(LogLevel.Information))
        {
            Disconnected(logger, Here, Text(description), Text(reason));
        }
    }

    public static void CallSent(ILogger logger, long request, string method, long thread, bool nested)
        => CallSent(logger, Here, request, Text(method), thread, nested ? " nested" : string.Empty);

    public static void AnswerReceived(ILogger logger, long request, string method, bool isError)
        => AnswerReceived(logger, Here, request, Text(method), isError ? "error" : "answer");

    public static void Executing(ILogger logger, long request, string method, long thread)
        => Executing(logger, Here, request, Text(method), thread);

    public static void Returned(ILogger logger, long request, string method)
        => Returned(logger, Here, request, Text(method));

    public static void Threw(ILogger logger, long request, string method, string type)
        => Threw(logger, Here, request, Text(method), Text(type));

    public static void OneWayFailed(ILogger logger, long request, string method, Exception exception)
    {
        if (logger.IsEnabled(LogLevel.Warning))
        {
            OneWayFailed(logger, LoggedException.Of(exception), Here, request, Text(method));
        }
    }

    public static void DisposeFailed(ILogger logger, string contract, long handle, string reason)
    {
        if (logger.IsEnabled(LogLevel.Debug))
        {
            DisposeFailed(logger, Here, Text(contract), handle, Text(reason));
        }
    }

    public static void CallbackFailed(ILogger logger, string what, Exception exception)
    {
        if (logger.IsEnabled(LogLevel.Warning))
        {
            CallbackFailed(logger, LoggedException.Of(exception), Here, Text(what));
        }
    }

    public static void ContextBlocked(ILogger logger, string method, string context)
    {
        if (logger.IsEnabled(LogLevel.Warning))
        {
            ContextBlocked(logger, Here, Text(method), Text(context));
        }
    }

    public static void EventDropped(ILogger logger, string contract, long handle, string reason)
    {
        if (logger.IsEnabled(LogLevel.Warning))
        {
            EventDropped(logger, Here, Text(contract), handle, Text(reason));
        }
    }

    public static void ProcessStarted(ILogger logger, string program, int process)
    {
        if (logger.IsEnabled(LogLevel.Information))
        {
            ProcessStarted(logger, Here, Text(program), process);
        }
    }

    public static void ProcessExited(ILogger logger, string program, int process, string how)
    {
        if (logger.IsEnabled(LogLevel.Information))
        {
            ProcessExited(logger, Here, Text(program), process, Text(how));
        }
    }

    public static void ChildRestarts(ILogger logger, string program, int attempt, double seconds, string reason)
    {
        if (logger.IsEnabled(LogLevel.Warning))
        {
            ChildRestarts(logger, Here, Text(program), attempt, seconds, Text(reason));
        }
    }

    public static void ChildGivenUp(ILogger logger, string program, string reason)
    {
        if (logger.IsEnabled(LogLevel.Error))
        {
            ChildGivenUp(logger, Here, Text(program), Text(reason));
        }
    }

    public static void CallWaits(
        ILogger logger,
        long request,
        string method,
        IpcPeer peer,
        string transport,
        double seconds,
        string chain,
        string meanwhile)
    {
        if (logger.IsEnabled(LogLevel.Warning))
        {
            CallWaits(
                logger,
                Here,
                request,
                Text(method),
                Text(peer.Description),
                Text(transport),
                seconds,
                Text(chain),
                Text(meanwhile));
        }
    }

    public static void CallRuns(
        ILogger logger,
        long request,
        string method,
        IpcPeer peer,
        string transport,
        double seconds,
        string chain,
        string meanwhile)
    {
        if (logger.IsEnabled(LogLevel.Warning))
        {
            CallRuns(
                logger,
                Here,
                request,
                Text(method),
                Text(peer.Description),
                Text(transport),
                seconds,
                Text(chain),
                Text(meanwhile));
        }
    }

    /// <summary>Logs the bytes of a message, escaped and cut; only at trace level.</summary>
    public static void Payload(ILogger logger, string direction, long request, ReadOnlySpan<byte> frame)
    {
        if (logger.IsEnabled(LogLevel.Trace))
        {
            Payload(logger, Here, direction, request, Escape(frame));
        }
    }

    private static string Escape(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(PayloadCharacters);
        foreach (byte value in bytes)
        {
            if (text.Length >= PayloadCharacters)
            {
                return text.Append($"… ({bytes.Length:N0} bytes)").ToString();
            }

            _ = value is >= 0x20 and < 0x7f and not (byte)'\\'
                ? text.Append((char)value)
                : text.Append($"\\x{value:x2}");
        }

        return text.ToString();
    }

    [LoggerMessage(1, LogLevel.Information, "{Here} connected over {Transport} to {Peer}", SkipEnabledCheck = true)]
    private static partial void Connected(ILogger logger, string here, string transport, string peer);

    [LoggerMessage(
        2,
        LogLevel.Debug,
        "{Here} handshake: version {Version}, serving {Mine}, peer serves {Theirs}",
        SkipEnabledCheck = true)]
    private static partial void Handshake(ILogger logger, string here, int version, string mine, string theirs);

    [LoggerMessage(3, LogLevel.Information, "{Here} disconnected from {Transport}: {Reason}", SkipEnabledCheck = true)]
    private static partial void Disconnected(ILogger logger, string here, string transport, string reason);

    [LoggerMessage(4, LogLevel.Warning, "{Here} refused {Peer}: it may not have {What}", SkipEnabledCheck = true)]
    private static partial void PeerRefused(ILogger logger, string here, string peer, string what);

    [LoggerMessage(5, LogLevel.Warning, "{Here} a client at {Where} was not served: {Reason}", SkipEnabledCheck = true)]
    private static partial void HandshakeFailed(ILogger logger, string here, string where, string reason);

    [LoggerMessage(
        6,
        LogLevel.Warning,
        "{Here} records all messages, with all arguments and results, sensitive ones too, in {Path}",
        SkipEnabledCheck = true)]
    private static partial void Recording(ILogger logger, string here, string path);

    [LoggerMessage(
        7,
        LogLevel.Warning,
        "{Here} records no longer in {Path}, the connection goes on: {Reason}",
        SkipEnabledCheck = true)]
    private static partial void RecordingEnded(ILogger logger, string here, string path, string reason);

    [LoggerMessage(
        8,
        LogLevel.Debug,
        "{Here} messages of {Transport} now go through shared memory, {RingBytes} bytes each way",
        SkipEnabledCheck = true)]
    private static partial void EnteredMemory(ILogger logger, string here, string transport, int ringBytes);

    [LoggerMessage(
        9,
        LogLevel.Debug,
        "{Here} messages of {Transport} go over the socket again, after {Messages} through shared memory",
        SkipEnabledCheck = true)]
    private static partial void LeftMemory(ILogger logger, string here, string transport, long messages);

    [LoggerMessage(
        10,
        LogLevel.Debug,
        "{Here} send request #{Request} {Method} on thread {Thread}{Nested}",
        SkipEnabledCheck = true)]
    private static partial void CallSent(
        ILogger logger,
        string here,
        long request,
        string method,
        long thread,
        string nested);

    [LoggerMessage(11, LogLevel.Debug, "{Here} recv {What} #{Request} {Method}", SkipEnabledCheck = true)]
    private static partial void AnswerReceived(ILogger logger, string here, long request, string method, string what);

    [LoggerMessage(
        12,
        LogLevel.Debug,
        "{Here} executing request #{Request} {Method} for thread {Thread}",
        SkipEnabledCheck = true)]
    private static partial void Executing(ILogger logger, string here, long request, string method, long thread);

    [LoggerMessage(13, LogLevel.Debug, "{Here} send response #{Request} {Method}", SkipEnabledCheck = true)]
    private static partial void Returned(ILogger logger, string here, long request, string method);

    [LoggerMessage(14, LogLevel.Debug, "{Here} send error #{Request} {Method}: {Type}", SkipEnabledCheck = true)]
    private static partial void Threw(ILogger logger, string here, long request, string method, string type);

    [LoggerMessage(15, LogLevel.Warning, "{Here} one-way request #{Request} {Method} failed", SkipEnabledCheck = true)]
    private static partial void OneWayFailed(
        ILogger logger,
        Exception exception,
        string here,
        long request,
        string method);

    [LoggerMessage(16, LogLevel.Trace, "{Here} {Direction} #{Request} {Payload}", SkipEnabledCheck = true)]
    private static partial void Payload(ILogger logger, string here, string direction, long request, string payload);

    [LoggerMessage(
        17, LogLevel.Warning, "{Here} {Method} blocks a thread that has a {Context}", SkipEnabledCheck = true)]
    private static partial void ContextBlocked(ILogger logger, string here, string method, string context);

    [LoggerMessage(
        18,
        LogLevel.Warning,
        "{Here} an event did not reach the handler {Contract} {Handle}: {Reason}",
        SkipEnabledCheck = true)]
    private static partial void EventDropped(ILogger logger, string here, string contract, long handle, string reason);

    [LoggerMessage(
        20,
        LogLevel.Debug,
        "{Here} the remote Dispose of {Contract} {Handle} did not answer: {Reason}",
        SkipEnabledCheck = true)]
    private static partial void DisposeFailed(ILogger logger, string here, string contract, long handle, string reason);

    [LoggerMessage(21, LogLevel.Warning, "{Here} {What} threw", SkipEnabledCheck = true)]
    private static partial void CallbackFailed(ILogger logger, Exception exception, string here, string what);

    [LoggerMessage(30, LogLevel.Information, "{Here} started {Program} as process {Process}", SkipEnabledCheck = true)]
    private static partial void ProcessStarted(ILogger logger, string here, string program, int process);

    [LoggerMessage(31, LogLevel.Information, "{Here} process {Process} ({Program}) {How}", SkipEnabledCheck = true)]
    private static partial void ProcessExited(ILogger logger, string here, string program, int process, string how);

    [LoggerMessage(
        32,
        LogLevel.Warning,
        "{Here} {Program} is started again in {Seconds} s, restart {Attempt}: {Reason}",
        SkipEnabledCheck = true)]
    private static partial void ChildRestarts(
        ILogger logger,
        string here,
        string program,
        int attempt,
        double seconds,
        string reason);

    [LoggerMessage(33, LogLevel.Error, "{Here} {Program} is given up: {Reason}", SkipEnabledCheck = true)]
    private static partial void ChildGivenUp(ILogger logger, string here, string program, string reason);

    [LoggerMessage(
        40,
        LogLevel.Warning,
        "{Here} request #{Request} {Method} has waited {Seconds} s for {Peer} over {Transport}: {Chain}; {Meanwhile}",
        SkipEnabledCheck = true)]
    private static partial void CallWaits(
        ILogger logger,
        string here,
        long request,
        string method,
        string peer,
        string transport,
        double seconds,
        string chain,
        string meanwhile);

    [LoggerMessage(
        41,
        LogLevel.Warning,
        "{Here} request #{Request} {Method} of {Peer} over {Transport} has run for {Seconds} s: {Chain}; {Meanwhile}",
        SkipEnabledCheck = true)]
    private static partial void CallRuns(
        ILogger logger,
        string here,
        long request,
        string method,
        string peer,
        string transport,
        double seconds,
        string chain,
        string meanwhile);

    [LoggerMessage(
        42,
        LogLevel.Warning,
        "{Here} the sandbox of {Program} (process {ProcessId}) is not complete: {Missing}",
        SkipEnabledCheck = true)]
    private static partial void SandboxIncomplete(
        ILogger logger,
        string here,
        string program,
        int processId,
        string missing);
}
