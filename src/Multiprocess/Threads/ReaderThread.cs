using Multiprocess.Framing;
using Multiprocess.Messages;
using Multiprocess.Transports;

namespace Multiprocess.Threads;

/// <summary>Reading in its simple form, for any transport: one thread reads and hands messages to those that wait.</summary>
internal sealed class ReaderThread : Reading
{
    private readonly FrameReader _frames;

    // Of the thread that reads. Set once, before anybody could wake it.
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
            lock (Map.Gate)
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

            // Because a message was taken, or because the thread waits for an answer.
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
    /// Waits while too much of the peer's waits to be run. From time to time a little is read all the same, as long as there
    /// is room for it: a Cancel or a Goodbye behind what waits is found late and not never.
    /// </summary>
    private void PauseIfNeeded()
    {
        long start = Environment.TickCount64;
        while (true)
        {
            bool isNearlyFull;
            lock (Map.Gate)
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
                lock (Map.Gate)
                {
                    while (!Map.IsClosed && _frames.TryRead(out Message? message))
                    {
                        message.Parse();
                        Router.Route(message, work);
                    }

                    Map.Received.NotePartial(_frames.PartialBytes);
                }

                work.Run();
                PauseIfNeeded();
            }
            while (_frames.Fill() > 0);

            Router.ReadingEnded(reason: null, _frames.IsInsideFrame);
        }
        catch (Exception exception)
        {
            // Nothing of the user's runs here, so whatever is caught is the transport's failure, the peer's fault or a
            // defect of ours; each ends the connection. What was routed before is still handed over.
            work.Run();
            Router.ReadingEnded(exception, insideFrame: false);
        }
    }
}
