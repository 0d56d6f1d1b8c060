using System.Diagnostics;
using Multiprocess.Connections;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;
using Multiprocess.Transports;

namespace Multiprocess.Fuzz;

/// <summary>Plays one script against a victim in this process, and judges what becomes of it.</summary>
internal sealed class Attack(FuzzLog log)
{
    private static readonly TimeSpan s_heardWithin = TimeSpan.FromMilliseconds(4);

    /// <summary>How long anything may take: nothing here waits for longer than the attacker does.</summary>
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(15);

    private static readonly IpcLimits s_limits = new()
    {
        MaxFrameBytes = 1024 * 1024,
        MaxDecodedBytes = 4 * 1024 * 1024,
        MaxThreads = 32,
        MaxObjects = 256,
        MaxCallsInFlight = 256,
        MaxWaitingBytes = 1024 * 1024,
    };

    /// <summary>What is wrong, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>
    /// Whether the victim was cut off for breaking the protocol, or refused, rather than left with answers.
    /// </summary>
    public bool WasRefused { get; private set; }

    public static IpcConnectionOptions Options(FuzzLog log) => new()
    {
        Limits = s_limits,
        LoggerFactory = log,
        ConnectTimeout = s_bound,
    };

    /// <summary>Runs over a pair of transports, of which the victim gets the second.</summary>
    public void Run(ReplayScript script, Transport attacker, Transport victim)
    {
        IpcConnection? connection = null;
        Exception? outcome = null;
        var thread = new Thread(() =>
        {
            try
            {
                if (script.IsClient)
                {
                    connection = ServedConnection.Open<IFuzzed>(victim, Options(log), _ => new Fuzzed());
                }
                else
                {
                    IpcConnection<IFuzzed> client = IpcConnection<IFuzzed>.Open(victim, Options(log));
                    connection = client;
                    Recording.CallEverything(client.Root);
                }
            }
            catch (Exception exception)
            {
                outcome = exception;
            }
        });
        thread.Start();
        Play(script, attacker);
        attacker.Dispose();
        if (!thread.Join(s_bound))
        {
            Report("the victim's thread hangs");
            return;
        }

        if (outcome is not null && !IsTyped(outcome))
        {
            Report($"the victim threw what has no type: {outcome}");
        }

        WasRefused |= outcome
            is IpcException { Kind: IpcErrorKind.Protocol or IpcErrorKind.Refused or IpcErrorKind.LimitExceeded };
        if (connection is not null)
        {
            Judge(connection);
        }
    }

    /// <summary>Runs against a server that listens; the server is judged by whether it goes on.</summary>
    public void Run(ReplayScript script, Transport attacker)
    {
        Play(script, attacker);
        attacker.Dispose();
    }

    // What the MessagePack package threw may stand inside the protocol's exception, as its reason.
    private static bool IsTyped(Exception exception)
        => exception is IpcException
            or OperationCanceledException
            or WrongAnswerException
            or InvalidOperationException
            or ObjectDisposedException
            or EndOfStreamException
            or IOException
            && exception.InnerException is null
                or IpcException
                or IOException
                or ObjectDisposedException
                or IpcProtocolException
                or MessagePackSerializationException
                or EndOfStreamException
                or OverflowException;

    private void Judge(IpcConnection connection)
    {
        if (!connection.Closed.WaitHandle.WaitOne(s_bound))
        {
            Report("the victim does not learn that its peer is gone");
        }

        if (!SpinWait.SpinUntil(() => connection.WorkerThreads == 0, s_bound))
        {
            Report($"{connection.WorkerThreads} workers are left");
        }

        if (connection.LiveExports + connection.LiveImports != 0)
        {
            Report($"{connection.LiveExports} exports and {connection.LiveImports} imports are left");
        }

        Exception? reason = connection.Completion.Exception?.InnerException;
        WasRefused |= reason is IpcProtocolException;
        if (reason is not null && !IsTyped(reason))
        {
            Report($"the connection ended for a reason without a type: {reason}");
        }

        connection.Dispose();
        if (log.TakeDefect() is { } logged)
        {
            Report($"logged: {logged}");
        }
    }

    private void Play(ReplayScript script, Transport attacker)
    {
        long start = Stopwatch.GetTimestamp();
        var peer = new ReplayPeer(attacker, script.IsClient, s_limits.MaxFrameBytes * 2, s_heardWithin);
        try
        {
            peer.Play(
                script,
                ReplayPeer.MakeHello<IFuzzed>(script.IsClient, s_limits.MaxFrameBytes),
                () => Stopwatch.GetElapsedTime(start) < s_bound);
            peer.HearOut(milliseconds: 1);
        }
        catch (IOException)
        {
            // The victim has hung up, which is its right.
        }
        catch (IpcProtocolException exception)
        {
            Report($"the victim sent a frame that is too long: {exception.Message}");
        }

        if (Stopwatch.GetElapsedTime(start) > s_bound)
        {
            Report("the victim takes too long");
        }

        HashSet<long> answered = [];
        foreach (IpcTrafficFrame frame in peer.Crossed.Where(frame => frame.IsFromClient != script.IsClient))
        {
            Parse(frame, answered);
        }
    }

    /// <summary>What the victim sends must be correct, whatever it was sent.</summary>
    private void Parse(IpcTrafficFrame frame, HashSet<long> answered)
    {
        var message = new Message();
        ReadOnlySpan<byte> contents = frame.Bytes.Span[MessageFormat.LengthPrefix..];
        contents.CopyTo(message.Prepare(contents.Length));
        try
        {
            message.Parse();
            WasRefused |= message.Type == MessageType.Goodbye;
            if (message.Type is MessageType.Return or MessageType.Error && !answered.Add(message.Request))
            {
                Report($"the victim answered request {message.Request} twice");
            }
        }
        catch (IpcProtocolException exception)
        {
            Report($"the victim sent a frame that is none: {exception.Message}");
        }
    }

    private void Report(string problem) => Problem ??= problem;
}
