using Multiprocess.Buffers;
using Multiprocess.Calls;
using Multiprocess.Framing;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Tests.Support;
using Multiprocess.Threads;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Threads;

/// <summary>The real reading role over a <see cref="ScriptedTransport"/>, with a router that only posts.</summary>
internal sealed class ScriptedReading : IMessageRouter, IDisposable
{
    public ScriptedReading(ScriptedTransport? transport = null)
    {
        Transport = transport ?? new ScriptedTransport();
        Frames = new FrameReader(Transport, MessagePackProtocol.Instance, new MessagePool()) { MaxFrameBytes = 1024 };
        Role = new ReadingRole(Frames, Map, Transport);
    }

    public ScriptedTransport Transport { get; }

    public FrameReader Frames { get; }

    public ThreadMap Map { get; } = new();

    public ReadingRole Role { get; }

    /// <summary>Why reading has ended, if it has.</summary>
    public Exception? Reason { get; private set; }

    /// <summary>Told of each message, under the gate, after it was posted.</summary>
    public Action<Message, RoutedWork> OnRouted { get; set; } = (_, _) => { };

    /// <summary>Makes the thread for a call of the peer; started as an act.</summary>
    public Action<LogicalThread> OnNewThread { get; set; } = _ => { };

    public LogicalThread Begin()
    {
        lock (Map.Gate)
        {
            return Map.Begin(Thread.CurrentThread);
        }
    }

    /// <summary>True when <paramref name="thread"/> is listed as one that sleeps.</summary>
    public bool IsParked(LogicalThread thread)
    {
        lock (Map.Gate)
        {
            return thread.Waiter is not null;
        }
    }

    public bool IsFree
    {
        get
        {
            lock (Map.Gate)
            {
                return Role.IsFree;
            }
        }
    }

    /// <summary>An answer of the peer, as bytes.</summary>
    public static byte[] Answer(LogicalThread thread, long request)
        => Frame((ref MessagePackWriter writer) =>
        {
            ReturnMessage.Write(ref writer, -thread.Id, request);
            writer.WriteArrayHeader(0);
        });

    /// <summary>A call of the peer on a thread of its own, as bytes.</summary>
    public static byte[] Call(long thread, long request)
        => Frame((ref MessagePackWriter writer) =>
        {
            CallMessage.Write(ref writer, MessageFlags.None, thread, request, parent: 0, target: 1, method: 1);
            writer.WriteArrayHeader(0);
        });

    public void Route(Message message, RoutedWork work)
    {
        LogicalThread? thread = Map.Find(message.Thread);
        if (thread is null)
        {
            thread = Map.Adopt(message.Thread);
            thread.HasWorker = true;
            LogicalThread adopted = thread;
            work.Then(() => OnNewThread(adopted));
        }

        if (message.Type == MessageType.Return && thread.IsAbandoned(message.Request))
        {
            thread.Answered(message.Request);
            return;
        }

        work.Wake(thread.Post(message));
        OnRouted(message, work);
    }

    public void ReadingEnded(Exception? reason, bool insideFrame)
    {
        Reason ??= reason;
        Dispose();
    }

    public void Dispose()
    {
        List<Parker> toWake = [];
        lock (Map.Gate)
        {
            if (Map.IsClosed)
            {
                return;
            }

            Map.Close(toWake, []);
        }

        Transport.Close();
        toWake.ForEach(parker => parker.Unpark());
    }

    private static byte[] Frame(WriteMessage write)
    {
        var output = new PooledBufferWriter();
        var writer = new MessagePackWriter(output);
        write(ref writer);
        writer.Flush();
        MessageFormat.End(output.Written);
        byte[] frame = output.WrittenSpan.ToArray();
        output.Dispose();
        return frame;
    }
}
