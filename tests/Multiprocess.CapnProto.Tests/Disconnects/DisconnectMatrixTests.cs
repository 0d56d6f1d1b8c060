using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Tests.Rpc;

namespace Multiprocess.CapnProto.Tests.Disconnects;

/// <summary>
/// Each kind of call loses its connection before, within and after every message of either direction, by the end of
/// either side. The messages are those of a recorded run: nothing is picked by hand.
/// </summary>
/// <remarks>
/// After each loss: the caller has one typed exception with a reason, or its right answer; what ran has ended; what was
/// made for the peer is disposed once; the tables are empty, and the threads gone; and another connection goes on.
/// </remarks>
[CancelAfter(120_000)]
[FixtureLifeCycle(LifeCycle.SingleInstance)]
internal sealed class DisconnectMatrixTests
{
    private CapnpConnection _bystander = null!;
    private CapnpConnection _bystanderPeer = null!;
    private IActs _other = null!;
    private int _cases;
    private int _lost;

    private static Scenario[] Scenarios => Scenario.All;

    [OneTimeSetUp]
    public void MakeBystander()
    {
        (CutStream mine, CutStream theirs) = CutStream.Pair();
        _bystander = CapnpConnection.Attach(mine);
        _bystanderPeer = CapnpConnection.Attach(theirs, CapnpContract.Serve<IActs>(new Acts()));
        _other = _bystander.GetRoot<IActs>();
    }

    [OneTimeTearDown]
    public void Report()
    {
        _bystander.Dispose();
        _bystanderPeer.Dispose();
        string line = $"Disconnects over Cap'n Proto: {_cases} cases of {Scenarios.Length} kinds of call, "
            + $"{_lost} of them with a call that was lost.";
        TestContext.Progress.WriteLine(line);
        if (Environment.GetEnvironmentVariable("MULTIPROCESS_TEST_COUNTS") is { } counts)
        {
            File.AppendAllText(counts, line + Environment.NewLine);
        }
    }

    [Test]
    public void A_lost_connection_is_one_typed_exception_and_leaves_nothing(
        [ValueSource(nameof(Scenarios))] Scenario scenario)
        => RunAll(scenario, (start, end) => [start, start + 2, start + 8 + ((end - start - 8) / 2), end]);

    [Test]
    [Explicit("Takes minutes: every byte.")]
    [CancelAfter(3_600_000)]
    public void A_connection_may_be_lost_after_any_byte([ValueSource(nameof(Scenarios))] Scenario scenario)
        => RunAll(scenario, (start, end) => Enumerable.Range(0, (int)(end - start + 1)).Select(i => start + i));

    private void RunAll(Scenario scenario, Func<long, long, IEnumerable<long>> positionsOf)
    {
        Run(scenario, new Cut(ByCallee: false, CalleeCloses: false, At: null), out Sent sent);
        Assert.That(sent.ByCaller.Length + sent.ByCallee.Length, Is.Positive, "messages were recorded");
        foreach (Cut cut in Cuts(scenario, sent, positionsOf))
        {
            Run(scenario, cut, out _);
            _cases++;
            Assert.That(_other.Add(20, 3), Is.EqualTo(23), "another connection goes on");
        }
    }

    private static IEnumerable<Cut> Cuts(
        Scenario scenario, Sent sent, Func<long, long, IEnumerable<long>> positionsOf)
    {
        foreach (bool calleeCloses in new[] { false, true })
        {
            foreach (bool byCallee in new[] { false, true })
            {
                IEnumerable<long> positions = (byCallee ? sent.ByCallee : sent.ByCaller)
                    .SelectMany(message => positionsOf(message.Start, message.End));
                foreach (long position in positions.Distinct())
                {
                    yield return new Cut(byCallee, calleeCloses, position);
                }
            }

            if (scenario.Rests)
            {
                yield return new Cut(ByCallee: false, calleeCloses, At: null);
            }
        }
    }

    private void Run(Scenario scenario, Cut cut, out Sent sent)
    {
        (CutStream callerEnd, CutStream calleeEnd) = CutStream.Pair();
        Acts own = new();
        Acts callee = new();
        Action close = cut.CalleeCloses ? calleeEnd.CloseEnd : callerEnd.CloseEnd;
        if (scenario.IsFirst)
        {
            Begin();
        }

        CapnpConnection theirs = CapnpConnection.Attach(calleeEnd, CapnpContract.Serve<IActs>(callee));
        CapnpConnection mine = CapnpConnection.Attach(callerEnd);
        var caller = new Caller(mine, own, callee);
        if (!scenario.IsFirst)
        {
            // What a connection does once is done, and no message of it is on its way.
            Assert.That(caller.Acts.AddAsync(1, 1).Result(), Is.EqualTo(2));
            Leftovers.Until(
                () => mine.State.QuestionCount + theirs.State.Calls.Count == 0, "nothing is on its way", $"{cut}");
            Begin();
        }

        Task<Exception?> outcome = Outcomes.Of(() => scenario.Run(caller));
        if (scenario.Rests)
        {
            // Messages that were recorded after the loss are not sent before it: then the call rests here too.
            Assert.That(
                Task.WaitAny([own.Entered.Task, callee.Entered.Task, outcome], PeerCalls.Bound),
                Is.Not.Negative,
                $"the call rests or is lost, {cut}");
            close();
            own.HasEnded();
            callee.HasEnded();
        }

        Assert.That(outcome.Wait(PeerCalls.Bound), Is.True, $"the caller has its thread back, {cut}");
        sent = new Sent(callerEnd.Messages, calleeEnd.Messages);
        bool isLoss = callerEnd.HasCut || calleeEnd.HasCut || scenario.Rests;
        Assert.That(
            outcome.Result,
            isLoss ? Is.Null.Or.InstanceOf<IpcDisconnectedException>() : Is.Null,
            $"the caller's outcome, {cut}");
        Assert.That(outcome.Result?.Message, Is.Null.Or.Not.Empty);
        Assert.That(scenario.Rests && outcome.Result is null, Is.False, "a call that never ends by itself was lost");
        if (isLoss)
        {
            Leftovers.Until(() => mine.Completion.IsCompleted, "the caller learns of the loss", $"{cut}");
            Leftovers.Until(() => theirs.Completion.IsCompleted, "the callee learns of the loss", $"{cut}");
            Assert.That(
                () => caller.Acts.Add(1, 2),
                Throws.TypeOf<IpcDisconnectedException>(),
                $"later calls fail in the same way, {cut}");
        }

        if (outcome.Result is not null)
        {
            _lost++;
        }

        mine.Dispose();
        theirs.Dispose();
        Leftovers.AssertNone(mine, cut.ToString());
        Leftovers.AssertNone(theirs, cut.ToString());
        Leftovers.AssertReleased(own, callee, cut.ToString());

        void Begin()
        {
            callerEnd.Begin(cut.ByCallee ? null : cut.At, close);
            calleeEnd.Begin(cut.ByCallee ? cut.At : null, close);
        }
    }

    private sealed record Sent((long Start, long End)[] ByCaller, (long Start, long End)[] ByCallee);

    /// <param name="ByCallee">Whose sending is counted.</param>
    /// <param name="CalleeCloses">Whose end goes.</param>
    /// <param name="At">After how many bytes; null when the call rests.</param>
    private sealed record Cut(bool ByCallee, bool CalleeCloses, long? At);
}
