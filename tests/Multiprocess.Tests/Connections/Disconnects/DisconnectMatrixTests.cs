using System.Globalization;
using Multiprocess.Connections;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Tests.Support;
using Multiprocess.Tests.Transports;
using Multiprocess.Transports;
using Multiprocess.Transports.Rings;

namespace Multiprocess.Tests.Connections.Disconnects;

/// <summary>
/// Each kind of call, made by either side, loses its connection before, within and after every frame of either
/// direction, by the end of either side. The frames are those of a recorded run: nothing is picked by hand.
/// </summary>
/// <remarks>
/// After each loss: the caller has one typed exception with a reason, or its right answer; what ran has ended; what was
/// made for the peer is disposed once; handlers are gone; the tables are empty and the workers back; and another
/// connection goes on.
/// </remarks>
[TestFixture(IpcTestTransport.InMemory)]
[TestFixture(IpcTestTransport.SocketPair)]
[TestFixture(IpcTestTransport.SocketPair, true)]
[CancelAfter(120_000)]
[FixtureLifeCycle(LifeCycle.SingleInstance)]
internal sealed class DisconnectMatrixTests(IpcTestTransport transport, bool isInMemory = false)
{
    private IpcTestPair<IActs> _bystander = null!;
    private int _cases;
    private int _lost;

    private static Scenario[] Scenarios => Scenario.All;

    [OneTimeSetUp]
    public void MakeBystander()
        => _bystander = IpcTestPair.Create<IActs>(new Acts(), new IpcTestPairOptions { Transport = transport });

    [OneTimeTearDown]
    public void Report()
    {
        _bystander.Dispose();
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"Disconnects over {(isInMemory ? "shared memory" : transport)}: {_cases} cases of {Scenarios.Length} kinds of call, {_lost} of them with a call that was lost.");
        TestContext.Progress.WriteLine(line);
        if (Environment.GetEnvironmentVariable("MULTIPROCESS_TEST_COUNTS") is { } counts)
        {
            File.AppendAllText(counts, line + Environment.NewLine);
        }

        Assert.That(_cases, Is.EqualTo(_ran), line);
    }

    private int _ran;

    [Test]
    public void A_lost_connection_is_one_typed_exception_and_leaves_nothing(
        [ValueSource(nameof(Scenarios))] Scenario scenario, [Values] bool serverCalls)
    {
        Frames frames = Record(scenario, serverCalls);
        foreach (Cut cut in Cuts(scenario, frames))
        {
            _cases++;
            Run(scenario, serverCalls, cut, out _);
            Assert.That(_bystander.Root.Add(20, 3), Is.EqualTo(23), "another connection goes on");
            _ran++;
        }
    }

    /// <summary>Runs without a loss; what rests is ended by its own side.</summary>
    private Frames Record(Scenario scenario, bool serverCalls)
    {
        Run(scenario, serverCalls, new Cut(ByServer: false, ServerCloses: serverCalls, At: null), out Frames frames);
        Assert.That(frames.OfClient.Length + frames.OfServer.Length, Is.Positive, "frames were recorded");
        return frames;
    }

    private static IEnumerable<Cut> Cuts(Scenario scenario, Frames frames)
    {
        foreach (bool serverCloses in new[] { false, true })
        {
            foreach (bool byServer in new[] { false, true })
            {
                (long Start, long End)[] sent = byServer ? frames.OfServer : frames.OfClient;
                IEnumerable<long> positions = sent.SelectMany(frame => new[]
                {
                    frame.Start,
                    frame.Start + 2,
                    frame.Start + 4 + ((frame.End - frame.Start - 4) / 2),
                    frame.End
                });
                foreach (long position in positions.Distinct())
                {
                    yield return new Cut(byServer, serverCloses, position);
                }
            }

            if (scenario.Rests)
            {
                yield return new Cut(ByServer: false, serverCloses, At: null);
            }
        }
    }

    private void Run(Scenario scenario, bool serverCalls, Cut cut, out Frames frames)
    {
        (Transport clientInner, Transport serverInner) = isInMemory
            ? RingPair.InMemory(RingMemory.LeastRingBytes)
            : RawPeer.MakeTransports(transport);
        var clientEnd = new CutTransport(clientInner);
        var serverEnd = new CutTransport(serverInner);
        Acts ofServer = new();
        Acts ofClient = new();
        TestThread<ServedConnection> serving = TestThread.Start(
            () => ServedConnection.Open<IActs>(serverEnd, new IpcConnectionOptions(), _ => ofServer));
        IpcConnection<IActs> client = IpcConnection<IActs>.Open(clientEnd, new IpcConnectionOptions());
        IpcConnection server = serving.Join();
        client.Root.Meet(ofClient);
        (IActs target, Acts callee) = serverCalls ? (ofServer.Other!, ofClient) : (client.Root, ofServer);

        Action close = (cut.ServerCloses ? serverInner : clientInner).Close;
        clientEnd.Begin(cut.ByServer ? null : cut.At, close);
        serverEnd.Begin(cut.ByServer ? cut.At : null, close);
        TestThread<bool> caller = TestThread.Start(() => scenario.Run(target, callee));
        if (scenario.Rests)
        {
            // What was recorded after the loss is not sent before it: then the call rests here too.
            Patience.Until(() => callee.Entered.IsSet || caller.HasEnded, $"the call rests or is lost, {cut}");
            close();
        }

        Exception? outcome = Outcome(caller);
        frames = new Frames(clientEnd.Frames, serverEnd.Frames);
        bool isLoss = clientEnd.HasCut || serverEnd.HasCut || scenario.Rests;
        Assert.That(
            outcome, isLoss
                ? Is.Null.Or.InstanceOf<IpcDisconnectedException>()
                : Is.Null, $"the caller's outcome, {cut}");
        Assert.That(outcome?.Message, Is.Null.Or.Not.Empty);
        Assert.That(scenario.Rests && outcome is null, Is.False, "what never ends by itself was lost");
        if (isLoss)
        {
            Assert.That(client.Closed.WaitHandle.WaitOne(Patience.Bound)
                && server.Closed.WaitHandle.WaitOne(Patience.Bound), Is.True, $"both ends learn of the loss, {cut}");
            Assert.That(
                () => client.Root.Add(1, 2),
                Throws.TypeOf<IpcDisconnectedException>(),
                "later calls fail in the same way");
        }

        if (outcome is not null)
        {
            _lost++;
        }

        client.Dispose();
        server.Dispose();
        AssertNothingLeft(client, cut);
        AssertNothingLeft(server, cut);
        Patience.Until(() => ofServer.Inside + ofClient.Inside == 0, $"what ran has ended, {cut}");
        Patience.Until(() => ofServer.Handlers + ofClient.Handlers == 0, $"handlers are gone, {cut}");
        Patience.Until(
            () => ofServer.Disposals.Concat(ofClient.Disposals).All(disposals => disposals >= 1),
            $"what was made is disposed, {cut}");
        Assert.That(
            ofServer.Disposals.Concat(ofClient.Disposals), Is.All.EqualTo(1), $"nothing is disposed twice, {cut}");
    }

    private static void AssertNothingLeft(IpcConnection end, Cut cut)
    {
        Assert.That(end.Closed.WaitHandle.WaitOne(Patience.Bound), Is.True, $"the end is told, {cut}");
        Patience.Until(() => end.WorkerThreads == 0, $"workers are back, {cut}");
        Assert.That(end.LiveExports + end.LiveImports, Is.Zero, $"tables are empty, {cut}");
    }

    private static Exception? Outcome(TestThread<bool> caller)
    {
        try
        {
            caller.Join();
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    private sealed record Frames((long Start, long End)[] OfClient, (long Start, long End)[] OfServer);

    /// <param name="ByServer">Whose sending is counted.</param>
    /// <param name="ServerCloses">Whose end goes.</param>
    /// <param name="At">After how many bytes; null when the call rests.</param>
    private sealed record Cut(bool ByServer, bool ServerCloses, long? At);
}
