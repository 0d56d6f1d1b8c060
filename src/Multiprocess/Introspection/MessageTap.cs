using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Multiprocess.Connections;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Threads;

namespace Multiprocess.Introspection;

/// <summary>
/// The logger of a connection while it is watched: calls pass their messages to it. The application's own log is
/// unchanged.
/// </summary>
internal sealed class MessageTap(ConnectionCore connection, ILogger own) : ILogger
{
    // True for a method that, by its description, carries values that must not be logged. A contract without a
    // description may carry anything.
    private static readonly ConcurrentDictionary<(ContractBinding, uint), bool> s_isSensitive = new();

    public const string CallSent = "call sent";

    public const string CallReceived = "call received";

    public const string AnswerSent = "answer sent";

    public const string AnswerReceived = "answer received";

    /// <summary>The connection's own logger.</summary>
    public ILogger Own => own;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is LogLevel.Debug or LogLevel.Trace || own.IsEnabled(logLevel);

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (own.IsEnabled(logLevel))
        {
            own.Log(logLevel, eventId, state, exception, formatter);
        }
    }

    /// <summary>Passes on a message; a sensitive one without its content.</summary>
    /// <param name="logger">The connection's logger: a tap or any other.</param>
    /// <param name="what">The kind of the message.</param>
    /// <param name="request">The request number of the call.</param>
    /// <param name="callee">The called contract.</param>
    /// <param name="methodId">The method.</param>
    /// <param name="frame">The frame, including its length prefix.</param>
    /// <param name="tail">Bytes that follow the frame.</param>
    public static void Note(
        ILogger logger,
        string what,
        long request,
        IContractNames callee,
        uint methodId,
        ReadOnlySpan<byte> frame,
        ReadOnlySpan<byte> tail)
        => (logger as MessageTap)?.Note(what, request, callee, methodId, frame[MessageFormat.LengthPrefix..], tail);

    /// <inheritdoc cref="Note(ILogger, string, long, IContractNames, uint, ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    public static void Note(
        ILogger logger, string what, long request, IContractNames callee, uint methodId, Message message)
        => (logger as MessageTap)?.Note(what, request, callee, methodId, message.Contents, tail: default);

    private void Note(
        string what,
        long request,
        IContractNames callee,
        uint methodId,
        ReadOnlySpan<byte> frame,
        ReadOnlySpan<byte> tail)
    {
        bool isHidden = callee is not ContractBinding contract
            || s_isSensitive.GetOrAdd(
                (contract, methodId),
                static key => Descriptions.IsSensitive(key.Item1, key.Item2));
        byte[]? whole = isHidden || tail.IsEmpty ? null : [.. frame, .. tail];
        foreach (MessageTrace trace in TracedConnections.All)
        {
            trace.Add(
                connection.Number,
                connection.Peer.ProcessId,
                what,
                request,
                callee,
                methodId,
                isHidden ? default : whole ?? frame);
        }
    }
}
