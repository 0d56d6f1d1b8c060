using Multiprocess.Framing;
using Multiprocess.Locks;
using Multiprocess.Protocols;
using Multiprocess.Transports;

namespace Multiprocess.Threads;

/// <summary>
/// The simple way of reading, for any transport: one thread reads and hands messages to the waiting threads.
/// </summary>
internal sealed class ReaderThread : MessagePump
{
    private readonly FrameReader _frames;

    // The parker of the reading thread. Set once, before any thread could wake it.
    private Parker? _reader;

    public ReaderThread(FrameReader frames, ThreadMap map)
        : base(map)
    {
        _frames = frames;
    }

    protected override void Start()
        => BackgroundThread.StartForPeer(Read, "ipc reader");

    protected override Message? Wait(in Waiting waiting)
    {
        Parker parker = Parker.Current;
        while (true)
        {
            bool isOver = false;
            Message? over = null;
            using (Uninterruptible.Enter(Map.Gate))
            {
                if (waiting.IsOver(Map, out Message? message))
                {
                    over = message;
                    isOver = true;
                }
                else
                {
                    waiting.Thread.Waiter = parker;
                }
            }

            // A message was taken, or the thread waits for an answer.
            ResumeIfPaused();
            if (isOver)
            {
                return over;
            }

            waiting.Sleep(parker);
        }
    }

    protected override void Resume() => Volatile.Read(ref _reader)?.Unpark();

    /// <summary>
    /// Waits while too many bytes of the peer wait to be run. While there is room, a few bytes are read now and then.
    /// So a Cancel or Goodbye behind the waiting messages is found late, but it is found.
    /// </summary>
    private void PauseIfNeeded()
    {
        long start = Environment.TickCount64;
        while (true)
        {
            bool isNearlyFull;
            using (Uninterruptible.Enter(Map.Gate))
            {
                Map.Received.IsPaused = Map.MayPause;
                _frames.MaxFillBytes = Map.Received.IsPaused ? PausedFillBytes : int.MaxValue;
                if (!Map.Received.IsPaused)
                {
                    return;
                }

                isNearlyFull = Map.Received.IsNearlyFull;
            }

            long left = start + PauseMilliseconds - Environment.TickCount64;
            if (left <= 0 && !isNearlyFull)
            {
                return;
            }

            Parker.Current.Park(left > 0 ? (int)left : PauseMilliseconds);
        }
    }

    private void Read()
    {
        Volatile.Write(ref _reader, Parker.Current);
        var work = new RoutedWork();
        try
        {
            do
            {
                using (Uninterruptible.Enter(Map.Gate))
                {
                    while (!Map.IsClosed && _frames.TryRead(out Message? message))
                    {
                        _frames.ReadHeader(message);
                        Router.Route(message, work);
                    }

                    Map.Received.NotePartial(_frames.PartialMemory, _frames.PartialBytes, _frames.PartialIsFull);
                }

                work.Run();
                PauseIfNeeded();
            }
            while (_frames.Fill() > 0);

            Router.ReadingEnded(reason: null, _frames.IsInsideFrame);
        }
        catch (Exception exception)
        {
            // No user code runs here, so every exception is a failure of the transport, a fault of the peer or a defect
            // of this runtime. Each ends the connection. Messages routed before are still delivered.
            work.Run();
            Router.ReadingEnded(exception, insideFrame: false);
        }
    }
}
