using Multiprocess.Framing;
using Multiprocess.Messages;

namespace Multiprocess.Threads;

/// <summary>Reading in its simple form: one thread per connection reads and hands messages to those that wait.</summary>
internal sealed class ReaderThread : Reading
{
    private readonly FrameReader _frames;
    private readonly IMessageRouter _router;
    private readonly ThreadMap _map;

    public ReaderThread(FrameReader frames, IMessageRouter router, ThreadMap map)
        : base(map)
    {
        _frames = frames;
        _router = router;
        _map = map;
    }

    public override void Start()
        => new Thread(Read) { IsBackground = true, Name = "ipc reader" }.UnsafeStart();

    protected override void Sleep(Parker parker) => parker.Park();

    private void Read()
    {
        var work = new RoutedWork();
        try
        {
            do
            {
                lock (_map.Gate)
                {
                    while (!_map.IsClosed && _frames.TryRead(out Message? message))
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
            // What was routed before the fault is still handed over. Nothing of the user's runs here, so whatever is
            // caught is the transport's failure, the peer's fault or a defect of ours; each ends the connection.
            work.Run();
            _router.ReadingEnded(exception, insideFrame: false);
        }
    }
}
