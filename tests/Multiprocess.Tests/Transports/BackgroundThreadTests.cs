using Multiprocess.Tests.Support;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Transports;

/// <summary>Functions that run on a thread of their own.</summary>
public sealed class BackgroundThreadTests
{
    private const int SmallStackBytes = 128 * 1024;

    [Test]
    public async Task A_function_runs_on_its_own_thread_however_small_the_stack()
    {
        string? name = await BackgroundThread.Run(static () => Thread.CurrentThread.Name, "own", SmallStackBytes)
            .WaitAsync(Patience.Bound);

        Assert.That(name, Is.EqualTo("own"));
    }

    [Test]
    public void What_a_function_throws_is_thrown_to_the_one_that_awaits_it()
    {
        Task<int> task = BackgroundThread.Run<int>(static () => throw new FormatException("as it is"), "own");

        Assert.That(
            async () => await task.WaitAsync(Patience.Bound),
            Throws.TypeOf<FormatException>().With.Message.EqualTo("as it is"));
    }

    [Test]
    public void A_function_that_is_cancelled_before_it_begins_does_not_run()
    {
        bool hasRun = false;

        Task<bool> task = BackgroundThread.Run(
            () => hasRun = true, "own", cancellationToken: new CancellationToken(canceled: true));

        Assert.That(
            async () => await task.WaitAsync(Patience.Bound), Throws.InstanceOf<OperationCanceledException>());
        Assert.That((task.IsCanceled, hasRun), Is.EqualTo((true, false)));
    }
}
