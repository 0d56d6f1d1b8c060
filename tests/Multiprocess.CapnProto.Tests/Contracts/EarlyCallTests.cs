using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Rpc.Connections;
using Multiprocess.CapnProto.Rpc.Sockets;
using Multiprocess.CapnProto.Tests.Rpc;
using Multiprocess.CapnProto.Threads;
using Multiprocess.Transports;
using Multiprocess.Transports.Unix;

namespace Multiprocess.CapnProto.Tests.Contracts;

/// <summary>Calls that are made at once, before a new connection has begun to read.</summary>
public sealed class EarlyCallTests
{
    [Test]
    public async Task A_waiting_thread_does_not_read_before_somebody_handles_what_it_receives()
    {
        (UnixSocketTransport first, UnixSocketTransport second) = TransportPair.CreateSocketPair();
        var pump = new SocketPump(first, new CapnpConnectionOptions());
        Assert.That(TryTake(pump), Is.False, "Nobody handles messages yet.");

        Task read = pump.ReadAsync(message => message.Release());
        Assert.That(TryTake(pump), Is.True);

        pump.StopReading();
        await read.WaitAsync(PeerCalls.Bound);
        await pump.ReleaseAsync();
        second.Dispose();
    }

    [TestCase(Wire.Pipe)]
    [TestCase(Wire.Socket)]
    public async Task A_connection_does_not_need_the_thread_that_made_it(Wire wire)
    {
        SynchronizationContext? usual = SynchronizationContext.Current;
        CapnpConnection first;
        CapnpConnection second;

        // The context of a thread that is blocked by its own call: it runs nothing.
        SynchronizationContext.SetSynchronizationContext(new BlockedContext());
        try
        {
            (first, second) = PeerFixture.Pair(
                CapnpContract.Serve<IOrdinary>(new OrdinaryTests.Ordinary()), otherRoot: null, wire: wire);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(usual);
        }

        Task<long> sum = Task.Factory.StartNew(
            () => (long)second.GetRoot<IOrdinary>().Add(1, 2),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Assert.That(await sum.WaitAsync(PeerCalls.Bound), Is.EqualTo(3));
        await first.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
        await second.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
    }

    private static bool TryTake(SocketPump pump)
    {
        lock (Gate.Lock)
        {
            return pump.Role!.TryTake(CallThread.Current);
        }
    }

    private sealed class BlockedContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
