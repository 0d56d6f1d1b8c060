using Multiprocess.Framing;
using Multiprocess.Messages;
using Multiprocess.Transports;

namespace Multiprocess.Threads;

/// <summary>Reading in its simple form, for any transport: one thread reads and hands messages to those that wait.</summary>
internal sealed class ReaderThread : Reading
{
    private readonly FrameReader _frames;
    private readonly IMessageRouter _router;

    public ReaderThread(FrameReader frames, IMessageRouter router, ThreadMap map)
        : base(map)
    {
        _frames = frames;
        _router = router;
    }

    public override void Start()
        => BackgroundThread.Start(Read, "ipc reader");

    protected override Message? Wait(in Waiting waiting)
    {
        Parker parker = Parker.Current;
        while (true)
        {
            lock (Map.Gate)
            {
                if (waiting.IsOver(Map, out Message? message))
                {
                    return message;
                }

                waiting.Thread.Waiter = parker;
            }

            waiting.Sleep(parker);
        }
    }

    private void Read()
    {
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
                        _router.Route(message, work);
                    }
                }

                work.Run();
            }
            while (_frames.Fill() > 0);

            _router.ReadingEnded(reason: null, _frames.IsInsideFrame);
        }
        catch (Exception exception)
        {
            // Nothing of the user's runs here, so whatever is caught is the transport's failure, the peer's fault or a
            // defect of ours; each ends the connection. What was routed before is still handed over.
            work.Run();
            _router.ReadingEnded(exception, insideFrame: false);
        }
    }
}
