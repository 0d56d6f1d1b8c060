using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.CapnProto.Tests.Contracts;

internal sealed class Workshop : IWorkshop
{
    private Hook? _kept;

    public SemaphoreSlim Blocked { get; } = new(0);

    public SemaphoreSlim Cancelled { get; } = new(0);

    public List<Tool> Tools { get; } = [];

    public string Title { get; set; } = "";

    public void Block(CancellationToken cancellationToken)
    {
        Blocked.Release();
        cancellationToken.WaitHandle.WaitOne();
        Cancelled.Release();
    }

    public async Task<int> AddAsync(int a, int b, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        return a + b;
    }

    public async Task BlockAsync(CancellationToken cancellationToken)
    {
        Blocked.Release();
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            Cancelled.Release();
        }
    }

    public ITool Make(string name)
    {
        var tool = new Tool(name);
        Tools.Add(tool);
        return tool;
    }

    public bool IsOwn(ITool tool) => tool is Tool;

    public int ThreadId() => Environment.CurrentManagedThreadId;

    public void Break(string reason) => throw new ToolException(reason);

    public (int, string)? Pair(bool isThere) => isThere ? (7, "seven") : null;

    public CapnpReference? Pass(CapnpReference? any) => any;

    public Task<int> CallBackAsync(Hook hook) => Task.Run(() => hook(20));

    public void KeepHook(Hook hook) => _kept = hook;

    public int CallKeptFromElsewhere()
    {
        int result = 0;
        var elsewhere = new Thread(() => result = _kept!(30));
        elsewhere.Start();
        elsewhere.Join();
        return result;
    }
}

internal sealed class Tool(string name) : ITool
{
    private int _disposals;

    public int Disposals => Volatile.Read(ref _disposals);

    public string Use() => "used " + name;

    public void Dispose() => Interlocked.Increment(ref _disposals);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
