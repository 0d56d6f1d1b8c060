namespace Multiprocess.Stress;

/// <summary>The side that is called.</summary>
internal sealed class StressTarget : IStress
{
    [ThreadStatic]
    private static int t_notes;

    public event Action<int>? Raised;

    public int Add(int a, int b) => a + b;

    public byte[] Reverse(byte[] bytes)
    {
        Array.Reverse(bytes);
        return bytes;
    }

    public int Nest(int depth, Func<int, int> back)
    {
        int thread = Environment.CurrentManagedThreadId;
        int levels = depth == 0 ? 0 : 1 + back(depth - 1);
        return thread == Environment.CurrentManagedThreadId ? levels : -1;
    }

    public INode MakeNode(int value) => new Node { Value = value };

    public int Sum(IReadOnlyList<INode> nodes) => nodes.Sum(node => node.Value);

    public async Task<int> AddAsync(int a, int b, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return a + b;
    }

    public int WaitForCancel(CancellationToken cancellationToken)
    {
        cancellationToken.WaitHandle.WaitOne();
        cancellationToken.ThrowIfCancellationRequested();
        return 0;
    }

    public void Hang() => Thread.Sleep(Timeout.Infinite);

    public void Note(int value) => t_notes += value;

    public int Notes()
    {
        int notes = t_notes;
        t_notes = 0;
        return notes;
    }

    public void Throw(string message) => throw new InvalidOperationException(message);

    public void Raise(int value) => Raised?.Invoke(value);

    public void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    public int ThreadId() => Environment.CurrentManagedThreadId;

    private sealed class Node : INode
    {
        public int Value { get; set; }

        public INode Self() => this;

        public void Dispose()
        {
        }
    }
}
