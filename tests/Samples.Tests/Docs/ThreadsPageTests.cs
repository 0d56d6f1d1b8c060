using Multiprocess;

namespace Samples.Tests.Docs;

[IpcInterface]
public interface ICounter
{
    int Next();

    void Repeat(int times, Action<int> step);

    int WaitForever(CancellationToken cancellationToken);
}

/// <summary>Runs what docs/threads.md shows.</summary>
public sealed class ThreadsPageTests
{
    [Test]
    public void Thread_static_state_and_callbacks_are_as_in_one_process()
    {
        using var pair = IpcTestPair.Create<ICounter>(new Counter());
        ICounter counter = pair.Root;

        counter.Next();
        Assert.That(counter.Next(), Is.EqualTo(2));

        int thread = Environment.CurrentManagedThreadId;
        counter.Repeat(3, step => Assert.That(Environment.CurrentManagedThreadId, Is.EqualTo(thread)));
    }

    [Test]
    public void Token_ends_a_blocking_call()
    {
        using var pair = IpcTestPair.Create<ICounter>(new Counter());
        ICounter counter = pair.Root;
        using var source = new CancellationTokenSource();
        source.Cancel();

        Assert.Throws<OperationCanceledException>(() => counter.WaitForever(source.Token));
    }

    private sealed class Counter : ICounter
    {
        [ThreadStatic]
        private static int t_count;

        public int Next() => ++t_count;

        public void Repeat(int times, Action<int> step)
        {
            for (int i = 0; i < times; i++)
            {
                step(i);
            }
        }

        public int WaitForever(CancellationToken cancellationToken)
        {
            cancellationToken.WaitHandle.WaitOne();
            throw new OperationCanceledException(cancellationToken);
        }
    }
}
