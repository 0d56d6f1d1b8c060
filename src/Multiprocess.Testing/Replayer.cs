using Multiprocess.Connections;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Transports;

namespace Multiprocess;

/// <summary>Plays the client's side of a recording against a server in this process.</summary>
internal static class Replayer
{
    public static IpcReplay Run<T>(
        IpcTraffic traffic,
        Func<IpcConnection, T> makeRoot,
        IpcReplayOptions options) where T : class
    {
        (DuplexPipeTransport ofClient, DuplexPipeTransport ofServer) = InMemoryTransport.CreatePair();
        var serving = Task.Factory.StartNew(
            () => ServedConnection.Open(ofServer, options.Server, makeRoot),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        ReplayScript script = WithOwnHello(ReplayScript.From(traffic, isClient: true));
        var peer = new ReplayPeer(ofClient, isClient: true, int.MaxValue, options.Patience);
        int missing = Play(
            peer,
            script,
            ReplayPeer.MakeHello<T>(isClient: true, options.Server.Limits.MaxFrameBytes),
            options.Patience);
        ofClient.Dispose();
        return new IpcReplay(new IpcTraffic(peer.Crossed), missing, Outcome(serving, options.Patience));
    }

    private static ReplayScript WithOwnHello(ReplayScript script)
        => script.Chunks is [{ } first, ..] && new IpcTrafficFrame(isFromClient: true, first).Type == MessageType.Hello
            ? script with { Chunks = [null, .. script.Chunks.Skip(1)] }
            : script;

    /// <returns>How many answers are missing.</returns>
    private static int Play(ReplayPeer peer, ReplayScript script, byte[] hello, TimeSpan patience)
    {
        try
        {
            peer.Play(script, hello, goesOn: () => true);
            peer.AwaitUntil(script.WaitAtEnd);
            if (peer.Crossed.LastOrDefault(frame => frame.IsFromClient) is not { Type: MessageType.Goodbye })
            {
                peer.AwaitAnswers();
                peer.Send(ReplayPeer.MakeGoodbye());
            }

            peer.HearOut((int)patience.TotalMilliseconds);
        }
        catch (IOException)
        {
            // The server has closed the connection and reports the reason itself. Its last frames can still be
            // received.
            peer.HearOut((int)patience.TotalMilliseconds);
        }

        return Math.Max(0, script.WaitAtEnd - peer.Crossed.Count(frame => !frame.IsFromClient && frame.IsWaitedFor));
    }

    private static Exception? Outcome(Task<ServedConnection> serving, TimeSpan patience)
    {
        try
        {
            if (!((IAsyncResult)serving).AsyncWaitHandle.WaitOne(patience))
            {
                return new TimeoutException($"The root was not made within {patience.TotalMilliseconds:N0} ms.");
            }

            using ServedConnection server = serving.GetAwaiter().GetResult();
            return ((IAsyncResult)server.Completion).AsyncWaitHandle.WaitOne(patience)
                ? server.Completion.Exception?.InnerException
                : new TimeoutException($"The connection did not end within {patience.TotalMilliseconds:N0} ms.");
        }
        catch (Exception exception)
        {
            return exception;
        }
    }
}
