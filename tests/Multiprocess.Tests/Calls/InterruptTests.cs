using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Calls;

/// <summary><see cref="Thread.Interrupt"/> of a thread that waits for an answer.</summary>
public sealed class InterruptTests(IpcTestTransport transport) : PairFixture(transport)
{
    [Test]
    public void An_interrupted_caller_gets_its_answer_is_interrupted_afterwards_and_the_connection_goes_on(
        [Values(1, 50)] int rounds)
    {
        var entered = new SemaphoreSlim(0);
        var leave = new SemaphoreSlim(0);
        var stage = new Stage
        {
            OnCall = value =>
            {
                entered.Release();
                Assert.That(leave.Wait(Patience.Bound), Is.True);
                return value;
            },
        };
        IStage root = Serve<IStage>(stage).Root;

        TestThread<int> caller = TestThread.Start(() =>
        {
            int interrupts = 0;
            for (int i = 0; i < rounds; i++)
            {
                Assert.That(root.Call(i), Is.EqualTo(i));
                try
                {
                    Thread.Sleep(1);
                }
                catch (ThreadInterruptedException)
                {
                    interrupts++;
                }
            }

            return interrupts;
        });
        for (int i = 0; i < rounds; i++)
        {
            Assert.That(entered.Wait(Patience.Bound), Is.True);
            caller.Interrupt();
            leave.Release();
        }

        Assert.That(caller.Join(), Is.EqualTo(rounds));
        stage.OnCall = value => value;
        Assert.That(root.Call(5), Is.EqualTo(5));
    }

    [Test]
    public void Interrupts_of_many_threads_that_call_at_once_lose_no_answer_and_no_connection()
    {
        const int Callers = 8;
        const int Calls = 300;
        IStage root = Serve<IStage>(new Stage { OnCall = value => value }).Root;
        TestThread<int>[] callers = [.. Enumerable.Range(0, Callers).Select(_ => TestThread.Start(() =>
        {
            int answered = 0;
            for (int i = 0; i < Calls; i++)
            {
                try
                {
                    answered += root.Call(i) == i ? 1 : 0;
                    Thread.Sleep(0);
                }
                catch (ThreadInterruptedException)
                {
                    // Of the sleep alone.
                }
            }

            return answered;
        }))];

        while (callers.Any(caller => !caller.HasEnded))
        {
            Array.ForEach(callers, caller => caller.Interrupt());
        }

        Assert.That(callers.Select(caller => caller.Join()), Has.All.EqualTo(Calls));
        Assert.That(root.Call(5), Is.EqualTo(5));
    }
}
