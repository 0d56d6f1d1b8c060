using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Calls;

/// <summary><see cref="Thread.Interrupt"/> of a thread that waits for an answer.</summary>
public sealed class InterruptTests(IpcTestTransport transport) : PairFixture(transport)
{
    [Test]
    public void An_interrupted_caller_gets_its_answer_is_interrupted_afterwards_and_the_connection_goes_on([Values(1, 50)] int rounds)
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
}
