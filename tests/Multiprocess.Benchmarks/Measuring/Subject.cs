using System.Diagnostics;

namespace Multiprocess.Benchmarks.Measuring;

/// <summary>Something that is done again and again, each time timed.</summary>
/// <param name="calls">How often it is done in one turn.</param>
internal abstract class Subject(int calls)
{
    public int Calls { get; } = calls;

    /// <summary>Does it as often as <paramref name="ticks"/> is long and notes how long each took.</summary>
    public abstract void Run(long[] ticks);

    /// <summary>A call that blocks its thread.</summary>
    public static Subject Blocking(int calls, Action call) => new BlockingSubject(calls, call);

    /// <summary>A call that is awaited, as its users would.</summary>
    public static Subject Awaited(int calls, Func<Task> call) => new AwaitedSubject(calls, call);

    private sealed class BlockingSubject(int calls, Action call) : Subject(calls)
    {
        public override void Run(long[] ticks)
        {
            for (int i = 0; i < ticks.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                call();
                ticks[i] = Stopwatch.GetTimestamp() - start;
            }
        }
    }

    private sealed class AwaitedSubject(int calls, Func<Task> call) : Subject(calls)
    {
        public override void Run(long[] ticks) => RunAsync(ticks).GetAwaiter().GetResult();

        private async Task RunAsync(long[] ticks)
        {
            for (int i = 0; i < ticks.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                await call().ConfigureAwait(false);
                ticks[i] = Stopwatch.GetTimestamp() - start;
            }
        }
    }
}
