namespace Multiprocess.Stress;

/// <summary>A node of a graph, on whichever side made it.</summary>
internal sealed class Node : INode
{
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private INode? _next;

    public int Value { get; set; }

    public INode Self() => this;

    public void Connect(INode? next) => _next = next;

    public int SumPath(int steps)
    {
        // A logical thread has one physical thread on each side: the one that made this node, or its worker, walks it.
        if (Environment.CurrentManagedThreadId != _thread)
        {
            throw new StressFailure(
                $"A path was walked on thread {Environment.CurrentManagedThreadId} instead of {_thread}.");
        }

        return steps == 0 ? 0 : Value + _next!.SumPath(steps - 1);
    }

    public void Dispose()
    {
    }
}
