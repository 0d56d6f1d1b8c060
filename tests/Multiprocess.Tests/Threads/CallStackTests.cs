using Multiprocess.Tests.Support;
using Multiprocess.Threads;

namespace Multiprocess.Tests.Threads;

/// <summary>A thread's calls are looked at from others while it makes them.</summary>
public sealed class CallStackTests
{
    private static readonly Callee[] s_callees = [.. Enumerable.Range(0, 64).Select(i => new Callee(i))];

    [Test]
    public void A_copy_is_a_stack_that_was_there_at_some_moment()
    {
        const int rounds = 20_000;
        CallStack stack = null!;
        using var ready = new ManualResetEventSlim();
        bool ended = false;
        TestThread<bool> owner = TestThread.Start(() =>
        {
            stack = CallStack.Current;
            ready.Set();
            for (int round = 0; round < rounds; round++)
            {
                // Deep and shallow in turn, so that it grows under the eyes of the readers.
                int depth = round % s_callees.Length;
                for (int i = 0; i < depth; i++)
                {
                    stack.Push(
                        null!,
                        (round * 100L) + i,
                        s_callees[i],
                        methodId: 0,
                        isOutgoing: true,
                        startedTimestamp: round);
                }

                for (int i = 0; i < depth; i++)
                {
                    stack.Pop();
                }
            }

            Volatile.Write(ref ended, true);
            return true;
        });
        Assert.That(ready.Wait(Patience.Bound), Is.True);

        long looked = 0;
        while (!Volatile.Read(ref ended))
        {
            CallStep[] copy = stack.Copy();
            looked += copy.Length;
            for (int i = 0; i < copy.Length; i++)
            {
                Assert.That(copy[i].Contract, Is.SameAs(s_callees[i]));
                Assert.That(
                    copy[i].Request,
                    Is.EqualTo((copy[0].StartedTimestamp * 100) + i),
                    "All of one round, with nothing of the one before.");
                Assert.That(copy[i].StartedTimestamp, Is.EqualTo(copy[0].StartedTimestamp));
            }
        }

        Assert.That(owner.Join(), Is.True);
        Assert.That(stack.Copy(), Is.Empty);
        TestContext.Out.WriteLine($"{looked:N0} calls seen");
    }

    [Test]
    public void Only_the_innermost_call_of_this_side_is_ended_by_its_number()
        => TestThread.Run(() =>
        {
            CallStack stack = CallStack.Current;
            stack.Push(null!, 1, s_callees[0], methodId: 0, isOutgoing: true, startedTimestamp: 0);
            stack.Push(null!, 2, s_callees[1], methodId: 0, isOutgoing: false, startedTimestamp: 0);

            stack.PopOutgoing(null!, 2);
            stack.PopOutgoing(null!, 1);
            Assert.That(
                stack.Copy().Select(step => step.Request),
                Is.EqualTo(new[] { 1L, 2L }),
                "Neither is the innermost of this side's.");

            stack.Pop();
            stack.PopOutgoing(null!, 7);
            Assert.That(stack.Innermost.Request, Is.EqualTo(1));
            stack.PopOutgoing(null!, 1);
            Assert.That(stack.Copy(), Is.Empty);
        });

    private sealed class Callee(int number) : IContractNames
    {
        public string Name => $"callee {number}";

        public string? GetMethodName(uint methodId) => null;
    }
}
