namespace Multiprocess.Tests.Transports;

/// <summary>Runs one blocking call on a thread of its own and can tell when the call has blocked.</summary>
internal sealed class BlockedThread<T> : IDisposable
{
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _started = new();
    private volatile int _threadId;
    private T? _result;
    private Exception? _failure;

    public BlockedThread(Func<T> call)
    {
        _thread = new Thread(() =>
        {
            _threadId = OperatingSystem.IsLinux() ? CurrentThreadId() : 0;
            _started.Set();
            try
            {
                _result = call();
            }
            catch (Exception failure)
            {
                _failure = failure;
            }
        })
        { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Waits until the kernel says that the thread sleeps, which it does only inside the call.</summary>
    public void WaitUntilBlocked()
    {
        Assert.That(_started.Wait(Bounds.Milliseconds), Is.True);
        bool asleep = SpinWait.SpinUntil(
            () => File.ReadAllText($"/proc/self/task/{_threadId}/stat").Split(')')[^1].TrimStart().StartsWith('S'),
            Bounds.Milliseconds);
        Assert.That(asleep, Is.True, "The call never blocked.");
    }

    public T Result()
    {
        Assert.That(_thread.Join(Bounds.Milliseconds), Is.True, "The call still blocks.");
        Assert.That(_failure, Is.Null);
        return _result!;
    }

    public void Dispose() => _started.Dispose();

    private static int CurrentThreadId()
    {
        // "/proc/thread-self" is a link to "<process>/task/<thread>".
        string target = File.ResolveLinkTarget("/proc/thread-self", returnFinalTarget: false)!.FullName;
        return int.Parse(Path.GetFileName(target));
    }
}
