using System.Diagnostics;
using Multiprocess.Framing;
using Multiprocess.Messages;
using Multiprocess.Serialization;
using Multiprocess.Transports;

namespace Multiprocess.Connections;

/// <summary>Exchanges the two Hellos on the calling thread, bounded in time and bytes.</summary>
internal static class Handshake
{
    private const int MaxReasonLength = 1000;

    public static Hello Run(Transport transport, FrameReader frames, ControlMessages control, Hello mine, TimeSpan limit)
    {
        frames.MaxFrameBytes = Hello.MaxHandshakeBytes;
        control.Send(mine.Write);
        Message message = Receive(transport, frames, limit);
        message.Parse();
        if (message.Type == MessageType.Goodbye)
        {
            throw ReadGoodbye(message);
        }

        if (message.Type != MessageType.Hello)
        {
            throw new IpcProtocolException($"Expected a Hello as the peer's first message, found a {message.Type}.");
        }

        Hello theirs = Hello.Read(message);
        Match("this side wants", mine.Wants, "the peer serves", theirs.Serves);
        Match("the peer wants", theirs.Wants, "this side serves", mine.Serves);
        return theirs;
    }

    /// <summary>Makes the exception for a peer that ended the connection with a reason.</summary>
    public static IpcException ReadGoodbye(Message message)
    {
        var reader = new MessagePackReader(message.Body);
        var kind = (IpcErrorKind)reader.ReadStrictByte();
        string reason = reader.ReadStrictString() ?? throw new IpcProtocolException("Expected the reason of a Goodbye, found nil.");
        message.CheckEnd(ref reader);
        reason = IpcText.Escape(reason, MaxReasonLength);
        return kind switch
        {
            not (IpcErrorKind.Disconnected or IpcErrorKind.Protocol or IpcErrorKind.LimitExceeded or IpcErrorKind.Refused) => throw new IpcProtocolException(
                $"Expected kind 0, 3, 7 or 8 in a Goodbye, found {(int)kind}."),
            IpcErrorKind.Protocol => new IpcProtocolException($"The peer ended the connection: {reason}"),
            IpcErrorKind.LimitExceeded or IpcErrorKind.Refused => new IpcException(kind, $"The peer refused the connection: {reason}"),
            _ => new IpcDisconnectedException(reason.Length > 0 ? $"The peer closed the connection: {reason}" : "The peer closed the connection."),
        };
    }

    private static Message Receive(Transport transport, FrameReader frames, TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        Message? message;
        while (!frames.TryRead(out message))
        {
            int rest = limit == Timeout.InfiniteTimeSpan ? -1 : (int)Math.Max(0, (limit - Stopwatch.GetElapsedTime(start)).TotalMilliseconds);
            if (!transport.WaitToReceive(rest))
            {
                throw new IpcTimeoutException($"The peer did not say Hello within {limit.TotalMilliseconds:N0} ms.");
            }

            if (frames.TryFill() == 0)
            {
                throw new IpcDisconnectedException("The peer closed the connection before it said Hello.");
            }
        }

        return message;
    }

    private static void Match(string who, string? wanted, string whom, string? served)
    {
        if (wanted is not null && wanted != served)
        {
            throw new IpcException(IpcErrorKind.Refused, $"Contracts do not match: {who} {IpcText.Escape(wanted)}, {whom} {(served is null ? "none" : IpcText.Escape(served))}.");
        }
    }
}
