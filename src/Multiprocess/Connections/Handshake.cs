using System.Diagnostics;
using Multiprocess.Framing;
using Multiprocess.Introspection;
using Multiprocess.Protocols;
using Multiprocess.Transports;

namespace Multiprocess.Connections;

/// <summary>Exchanges the two Hello messages on the calling thread, with limits on time and bytes.</summary>
internal static class Handshake
{
    public static Hello Run(
        Transport transport,
        WireProtocol protocol,
        FrameReader frames,
        ControlMessages control,
        Hello mine,
        TimeSpan limit,
        bool answersIntrospection)
    {
        frames.MaxFrameBytes = protocol.MaxHandshakeBytes;
        control.SendHello(mine);
        Message message = Receive(transport, frames, limit);
        frames.ReadHeader(message);
        if (message.Type == MessageType.Goodbye)
        {
            throw protocol.ReadGoodbye(message);
        }

        if (message.Type != MessageType.Hello)
        {
            throw new IpcProtocolException($"Expected a Hello as the peer's first message, got a {message.Type}.");
        }

        Hello theirs = protocol.ReadHello(message);
        Match("this side wants", mine.Wants, "the peer serves", theirs.Serves);
        if (!(answersIntrospection && theirs.Wants == IntrospectionStub.ContractName))
        {
            Match("the peer wants", theirs.Wants, "this side serves", mine.Serves);
        }

        return theirs;
    }

    private static Message Receive(Transport transport, FrameReader frames, TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        Message? message;
        while (!frames.TryRead(out message))
        {
            int rest = limit == Timeout.InfiniteTimeSpan
                ? -1
                : (int)Math.Max(0, (limit - Stopwatch.GetElapsedTime(start)).TotalMilliseconds);
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
            throw new IpcException(
                IpcErrorKind.Refused,
                $"Contracts do not match: {who} {IpcText.Escape(wanted)}, {whom} "
                    + $"{(served is null ? "none" : IpcText.Escape(served))}.");
        }
    }
}
