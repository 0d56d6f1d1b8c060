using System.Collections.Concurrent;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Tests.Support;
using Multiprocess.Threads;

namespace Multiprocess.Tests.Threads;

/// <summary>
/// The real reading role with real threads, whose turns are disturbed around every call on the transport.
/// </summary>
[CancelAfter(120_000)]
public class ReadingScheduleTests
{
    private const int Clients = 3;
    private const int CallsOfEach = 12;
    private const int Workers = 2;
    private const int CallsOfPeer = 8;

    private uint _seed;
    private int _turn;

    [TestCase(1u, 100u)]
    [TestCase(101u, 200u)]
    [TestCase(201u, 300u)]
    public void Every_call_is_answered_and_nothing_is_left(uint firstSeed, uint lastSeed)
    {
        for (uint seed = firstSeed; seed <= lastSeed; seed++)
        {
            try
            {
                RunOnce(seed);
            }
            catch (TimeoutException)
            {
                Assert.Fail($"With seed {seed} a thread waits for ever.");
            }
        }
    }

    private void RunOnce(uint seed)
    {
        _seed = seed;
        _turn = 0;
        var transport = new ScriptedTransport { Disturb = Disturb, MostAtOnce = seed % 3 == 0 ? 7 : int.MaxValue };
        using var reading = new ScriptedReading(transport);
        using var requests = new BlockingCollection<(LogicalThread Thread, long Request)>();
        var workers = new ConcurrentBag<TestThread<int>>();
        int ran = 0;
        reading.OnNewThread = thread
            => workers.Add(TestThread.Start(() => Work(reading, thread, () => Interlocked.Increment(ref ran))));

        reading.Role.Start(reading);
        TestThread<bool> peer = TestThread.Start(() => Answer(requests, transport));
        TestThread<int>[] clients =
            [
                .. Enumerable.Range(0, Clients).Select(
                    client => TestThread.Start(() => Call(client, reading, requests))),
            ];

        int answered = clients.Sum(client => client.Join());
        requests.CompleteAdding();
        peer.Join();
        Patience.Until(
            () => Volatile.Read(ref ran) == Workers * CallsOfPeer, $"all calls of the peer run, seed {seed}");
        Patience.Until(() => transport.Left == 0, $"late answers are received, seed {seed}");

        // A worker may have run all its calls before the thread that started it goes on and lists it.
        Patience.Until(() => workers.Count == Workers, $"both workers are listed, seed {seed}");
        reading.Dispose();
        int left = workers.Sum(worker => worker.Join());

        Assert.That(answered, Is.EqualTo(Clients * CallsOfEach), $"seed {seed}");
        Assert.That(left, Is.EqualTo(Workers * CallsOfPeer), $"seed {seed}");
        Assert.That(reading.Reason, Is.Null, $"seed {seed}");
    }

    /// <summary>A client: calls one after the other. One in four can be interrupted, and is at once.</summary>
    private int Call(
        int client, ScriptedReading reading, BlockingCollection<(LogicalThread Thread, long Request)> requests)
    {
        int over = 0;
        LogicalThread thread = reading.Begin();
        for (int i = 0; i < CallsOfEach; i++)
        {
            long request = (client * 1000) + i + 1;
            using var source = new CancellationTokenSource();
            LogicalThread own = thread;
            using CallInterrupt? interrupt = (Next() & 3) == 0
                ? new CallInterrupt(source.Token, -1, TimeProvider.System, () => reading.Role.Nudge(own))
                : null;
            requests.Add((thread, request));
            if (interrupt is not null)
            {
                ThreadPool.UnsafeQueueUserWorkItem(_ => Cancel(source), null);
            }

            Message? message = reading.Role.WaitForAnswer(thread, request, interrupt);
            Disturb();
            if (message is null)
            {
                Assert.That(
                    interrupt, Is.Not.Null, () => $"Only an interrupt ends a call without an answer. {reading.Reason}");
                thread = reading.Begin();
            }
            else
            {
                Assert.That(message.Request, Is.EqualTo(request));
            }

            over++;
        }

        return over;
    }

    private void Cancel(CancellationTokenSource source)
    {
        Disturb();
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The answer was first, and the caller has gone on.
        }
    }

    private int Work(ScriptedReading reading, LogicalThread thread, Action ran)
    {
        int calls = 0;
        while (reading.Role.WaitForCall(thread) is not null)
        {
            Disturb();
            calls++;
            ran();
        }

        return calls;
    }

    /// <summary>
    /// The peer: answers in another order than it was asked, several at a time or one by one, and calls in between.
    /// </summary>
    private void Answer(BlockingCollection<(LogicalThread Thread, long Request)> requests, ScriptedTransport transport)
    {
        int unsolicited = 0;
        List<byte[]> frames = [];
        while (requests.TryTake(out (LogicalThread Thread, long Request) asked, Timeout.Infinite))
        {
            frames.Clear();
            frames.Add(ScriptedReading.Answer(asked.Thread, asked.Request));
            while ((Next() & 1) == 0 && requests.TryTake(out asked))
            {
                frames.Insert((int)(Next() % (uint)frames.Count), ScriptedReading.Answer(asked.Thread, asked.Request));
            }

            if ((Next() & 1) == 0 && unsolicited < Workers * CallsOfPeer)
            {
                frames.Add(Unsolicited(unsolicited++));
            }

            Send(frames, transport);
        }

        while (unsolicited < Workers * CallsOfPeer)
        {
            Send([Unsolicited(unsolicited++)], transport);
        }
    }

    private static byte[] Unsolicited(int number)
        => ScriptedReading.Call(thread: 1 + (number % Workers), request: 1 + number);

    private void Send(List<byte[]> frames, ScriptedTransport transport)
    {
        if ((Next() & 1) == 0)
        {
            transport.Deliver(frames.SelectMany(frame => frame).ToArray());
            return;
        }

        foreach (byte[] frame in frames)
        {
            transport.Deliver(frame);
            Disturb();
        }
    }

    /// <summary>Lets others come between, as the seed and the turn want it.</summary>
    private void Disturb()
    {
        uint chance = Next();
        switch (chance & 7)
        {
            case 0 or 1:
                Thread.Yield();
                break;
            case 2:
                Thread.SpinWait((int)(chance >> 3 & 1023));
                break;
            case 3:
                for (int i = 0; i < (chance >> 3 & 7); i++)
                {
                    Thread.Yield();
                }

                break;
        }
    }

    private uint Next()
    {
        uint value = unchecked((uint)Interlocked.Increment(ref _turn) * 2654435761u) ^ (_seed * 40503u);
        value ^= value >> 15;
        value *= 2246822519u;
        return value ^ (value >> 13);
    }
}
