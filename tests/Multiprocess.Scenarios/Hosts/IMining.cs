namespace Multiprocess.Scenarios.Hosts;

public sealed record WaitOptions(TimeSpan? Timeout = null, long FeeThreshold = long.MaxValue);

[IpcInterface]
public interface IBlockTemplate : IDisposable
{
    int Height { get; }

    byte[] Header { get; }

    /// <summary>Waits for a better template; null when interrupted or out of time.</summary>
    IBlockTemplate? WaitNext(WaitOptions options);

    void InterruptWait();

    bool IsWaiting { get; }
}

[IpcInterface]
public interface IMining
{
    IBlockTemplate CreateNewBlock();

    void Connect();
}

public sealed class Mining : IMining
{
    private readonly object _lock = new();
    private int _height = 1;

    public IBlockTemplate CreateNewBlock() => new Template(this, _height);

    public void Connect()
    {
        lock (_lock)
        {
            _height++;
            Monitor.PulseAll(_lock);
        }
    }

    private sealed class Template(Mining mining, int height) : IBlockTemplate
    {
        private bool _isInterrupted;

        public int Height => height;

        public byte[] Header => [.. Enumerable.Repeat((byte)height, 80)];

        public bool IsWaiting { get; private set; }

        public IBlockTemplate? WaitNext(WaitOptions options)
        {
            lock (mining._lock)
            {
                IsWaiting = true;
                while (mining._height == height
                    && !_isInterrupted
                    && Monitor.Wait(mining._lock, options.Timeout ?? TimeSpan.FromSeconds(30)))
                {
                }

                _isInterrupted = false;
                IsWaiting = false;
                return mining._height == height ? null : new Template(mining, mining._height);
            }
        }

        public void InterruptWait()
        {
            lock (mining._lock)
            {
                _isInterrupted = true;
                Monitor.PulseAll(mining._lock);
            }
        }

        public void Dispose()
        {
        }
    }
}
