using System.Buffers.Binary;
using System.Diagnostics;
using Multiprocess.Connections;
using Multiprocess.Contracts;
using Multiprocess.Messages;
using Multiprocess.Serialization;
using Multiprocess.Transports;

namespace Multiprocess.Fuzz;

/// <summary>Plays one script against a victim in this process, and judges what becomes of it.</summary>
internal sealed class Attack(FuzzLog log)
{
    private const int HeardWithinMilliseconds = 4;

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

    private readonly List<byte> _unparsed = [];
    private int _heard;

    /// <summary>What is wrong, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>Whether the victim was cut off for breaking the protocol, or refused, rather than left with answers.</summary>
    public bool WasRefused { get; private set; }

    public static IpcConnectionOptions Options(FuzzLog log) => new() { Limits = s_limits, LoggerFactory = log, ConnectTimeout = s_bound };

    /// <summary>Runs over a pair of transports, of which the victim gets the second.</summary>
    public void Run(Script script, Transport attacker, Transport victim)
    {
        IpcConnection? connection = null;
        Exception? outcome = null;
        var thread = new Thread(() =>
        {
            try
            {
                if (script.AttacksServer)
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

        WasRefused |= outcome is IpcException { Kind: IpcErrorKind.Protocol or IpcErrorKind.Refused or IpcErrorKind.LimitExceeded };
        if (connection is not null)
        {
            Judge(connection);
        }
    }

    /// <summary>Runs against a server that listens; the server is judged by whether it goes on.</summary>
    public void Run(Script script, Transport attacker)
    {
        Play(script, attacker);
        attacker.Dispose();
    }

    private static bool IsTyped(Exception exception)
        => exception is IpcException or OperationCanceledException or WrongAnswerException or InvalidOperationException or ObjectDisposedException or EndOfStreamException or IOException
            && exception.InnerException is null or IpcException or IOException or ObjectDisposedException or MessagePackSerializationException;

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

    private void Play(Script script, Transport attacker)
    {
        long start = Stopwatch.GetTimestamp();
        int unsaid = 0;
        try
        {
            for (int i = 0; i < script.Chunks.Count; i++)
            {
                while (_heard < script.WaitBefore(i) - unsaid)
                {
                    if (!attacker.WaitToReceive(HeardWithinMilliseconds) || !Hear(attacker))
                    {
                        // It will not say these any more; what it says later is still waited for.
                        unsaid = script.WaitBefore(i) - _heard;
                    }
                }

                Send(attacker, script.Chunks[i] ?? Hello(script.AttacksServer));
                _ = Hear(attacker);
                if (Stopwatch.GetElapsedTime(start) > s_bound)
                {
                    Report("the victim takes too long");
                    return;
                }
            }

            while (attacker.WaitToReceive(1) && Hear(attacker))
            {
            }
        }
        catch (IOException)
        {
            // The victim has hung up, which is its right.
        }
    }

    private void Send(Transport attacker, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int sent = attacker.TrySend(bytes, default);
            if (sent > 0)
            {
                bytes = bytes[sent..];
            }
            else if (!attacker.WaitToSend(HeardWithinMilliseconds) && !Hear(attacker))
            {
                return;
            }
        }
    }

    /// <summary>Takes what the victim has sent, which must be correct whatever it was sent.</summary>
    /// <returns>False at the end of the stream.</returns>
    private bool Hear(Transport attacker)
    {
        byte[] buffer = new byte[16 * 1024];
        int count;
        while ((count = attacker.TryReceive(buffer)) > 0)
        {
            _unparsed.AddRange(buffer.AsSpan(0, count));
            ParseFrames();
        }

        return count != 0;
    }

    private void ParseFrames()
    {
        while (_unparsed.Count >= sizeof(int))
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian([.. _unparsed.Take(sizeof(int))]);
            if (length > s_limits.MaxFrameBytes * 2 || length < 0)
            {
                Report($"the victim sent a frame of {length} bytes");
                return;
            }

            if (_unparsed.Count < sizeof(int) + length)
            {
                return;
            }

            var message = new Message();
            _unparsed.Slice(sizeof(int), length).CopyTo(message.Prepare(length));
            _unparsed.RemoveRange(0, sizeof(int) + length);
            try
            {
                message.Parse();
                WasRefused |= message.Type == MessageType.Goodbye;
            }
            catch (MessagePackSerializationException exception)
            {
                Report($"the victim sent a frame that is none: {exception.Message}");
            }

            _heard++;
        }
    }

    private static byte[] Hello(bool byClient)
    {
        ContractBinding contract = ContractBinding<IFuzzed>.Instance;
        Hello hello = byClient
            ? new Hello(Connections.Hello.CurrentVersion, 1, null, 0, contract.Name, contract.Fingerprint, s_limits.MaxFrameBytes)
            : new Hello(Connections.Hello.CurrentVersion, 1, contract.Name, contract.Fingerprint, null, 0, s_limits.MaxFrameBytes);
        using var output = new PooledBufferWriter();
        var writer = new MessagePackWriter(output);
        hello.Write(ref writer);
        writer.Flush();
        MessageFormat.End(output.Written);
        return output.WrittenSpan.ToArray();
    }

    private void Report(string problem) => Problem ??= problem;
}
