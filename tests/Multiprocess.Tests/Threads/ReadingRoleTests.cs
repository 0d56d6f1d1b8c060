using Multiprocess.Incoming;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Tests.Support;
using Multiprocess.Threads;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Threads;

[CancelAfter(60_000)]
public class ReadingRoleTests
{
    [Test]
    public void What_came_with_the_Hello_is_handed_out_before_a_caller_blocks_in_the_transport()
    {
        using var reading = new ScriptedReading();
        LogicalThread thread = reading.Begin();
        reading.Transport.Deliver([.. ScriptedReading.Answer(thread, 1), .. ScriptedReading.Answer(thread, 2)]);
        reading.Frames.Fill();
        Assert.That(reading.Frames.TryRead(out _), Is.True, "The handshake takes the first frame only.");

        // A caller that is quicker than the new stand-by thread.
        TestThread<long> caller = TestThread.Start(
            () => reading.Role.WaitForAnswer(thread, 2, interrupt: null)!.Request);
        Patience.Until(() => reading.Transport.HasBlockedReceiver || reading.IsParked(thread), "the caller waits");
        reading.Role.Start(reading);

        Assert.That(caller.Join(), Is.EqualTo(2));
    }

    [Test]
    public void A_thread_that_was_woken_for_nothing_and_left_is_not_given_the_role()
    {
        using var reading = new ScriptedReading();
        LogicalThread first = reading.Begin();
        LogicalThread second = reading.Begin();
        Parker? parker = null;
        using var source = new CancellationTokenSource();
        using var interrupt = new CallInterrupt(source.Token, -1, TimeProvider.System, () => { });
        var answered = new Signal();
        TestThread<Message?> leaver = TestThread.Start(() =>
        {
            parker = Parker.Current;
            Assert.That(reading.Role.WaitForAnswer(second, 2, interrupt: null), Is.Not.Null);
            answered.Set();
            return reading.Role.WaitForAnswer(second, 3, interrupt);
        });
        Patience.Until(
            () => reading.IsParked(second), "the second sleeps while the stand-by has the role, and is in the list");
        reading.Role.Start(reading);
        reading.Transport.Deliver(ScriptedReading.Answer(second, 2));
        answered.Await();
        Patience.Until(() => reading.IsParked(second), "the second sleeps in a wait that can be interrupted");
        TestThread<long> reader = TestThread.Start(
            () => reading.Role.WaitForAnswer(first, 1, interrupt: null)!.Request);
        Patience.Until(() => reading.Transport.HasBlockedReceiver, "the first reads");

        // The interrupt has not woken it yet when something else does.
        source.Cancel();
        parker!.Unpark();
        Assert.That(leaver.Join(), Is.Null);
        reading.Transport.Deliver(ScriptedReading.Answer(first, 1));

        Assert.That(reader.Join(), Is.EqualTo(1));
        Patience.Until(() => reading.IsFree, "the role is not with a thread that waits no longer");
    }

    [Test]
    public void An_act_that_fails_ends_the_connection_and_keeps_no_other_act_from_being_done()
    {
        using var reading = new ScriptedReading();
        reading.Role.Start(reading);
        LogicalThread thread = reading.Begin();
        var started = new Signal();
        reading.OnRouted = (message, work) =>
        {
            if (message.Type == MessageType.Return)
            {
                work.Then(() => throw new InvalidOperationException("An act has failed."));
            }
        };
        reading.OnNewThread = _ => started.Set();
        TestThread<Message?> caller = TestThread.Start(() => reading.Role.WaitForAnswer(thread, 1, interrupt: null));
        Patience.Until(() => reading.Transport.HasBlockedReceiver || reading.IsParked(thread), "the caller waits");

        reading.Transport.Deliver(
            [.. ScriptedReading.Answer(thread, 1), .. ScriptedReading.Call(thread: 1, request: 1)]);

        Assert.That(() => caller.Join(), Throws.Nothing);
        started.Await();
        Patience.Until(() => reading.Map.IsClosed, "the connection has ended");
        Assert.That(reading.Reason, Is.InstanceOf<InvalidOperationException>());
    }

    [Test]
    public void A_wait_that_can_be_interrupted_never_blocks_in_the_transport()
    {
        using var reading = new ScriptedReading();
        reading.Role.Start(reading);
        LogicalThread thread = reading.Begin();
        using var source = new CancellationTokenSource();
        using var interrupt = new CallInterrupt(
            source.Token, -1, TimeProvider.System, () => reading.Role.Nudge(thread));
        TestThread<Message?> caller = TestThread.Start(() => reading.Role.WaitForAnswer(thread, 1, interrupt));
        Patience.Until(() => reading.IsParked(thread), "the caller sleeps");

        source.Cancel();

        Assert.That(caller.Join(), Is.Null);
        Assert.That(reading.Transport.HasBlockedReceiver, Is.False);
        Assert.That(reading.Map.IsClosed, Is.False);
    }
}
