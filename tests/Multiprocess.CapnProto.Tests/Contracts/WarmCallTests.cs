using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Tests.Rpc;

namespace Multiprocess.CapnProto.Tests.Contracts;

/// <summary>What a warm call allocates; the answer may be the counter of the thread that runs it.</summary>
[IpcInterface]
public interface ICounting
{
    int Add(int a, int b);

    int CallBack(int number);

    void Register(ICounting other);

    long AllocatedByWorker();
}

/// <summary>A warm call of numbers over a socket allocates nothing, and no other thread is involved.</summary>
public sealed class WarmCallTests
{
    private const int Calls = 2_000;

    private CapnpConnection _connection = null!;
    private CapnpConnection _other = null!;
    private ICounting _remote = null!;

    [SetUp]
    public void Connect()
    {
        (_connection, _other) = PeerFixture.Pair(
            root: null, CapnpContract.Serve<ICounting>(new Counting()), wire: Wire.Socket);
        _remote = _connection.GetRoot<ICounting>();
        _remote.Register(new Counting());
    }

    [TearDown]
    public async Task Disconnect()
    {
        await _connection.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
        await _other.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
    }

    [Test]
    public void Warm_call_of_two_numbers_allocates_nothing_on_either_thread()
        => AssertNothingAllocated(() => _remote.Add(2, 3), Is.EqualTo(5));

    [Test]
    public void Warm_call_with_a_callback_allocates_nothing_on_either_thread()
        => AssertNothingAllocated(() => _remote.CallBack(4), Is.EqualTo(5));

    [Test]
    public void Warm_call_allocates_nothing_on_whatever_thread_reads()
    {
        CallMany(() => _remote.Add(2, 3));

        long least = Enumerable.Range(0, 5).Min(_ =>
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            CallMany(() => _remote.Add(2, 3));
            return GC.GetTotalAllocatedBytes(precise: true) - before;
        });

        // Other parts of the process allocate now and then; one object for each call would be 24 bytes in every round.
        Assert.That(least / (double)Calls, Is.LessThan(8), "bytes allocated by the process for one call");
    }

    private void AssertNothingAllocated(Func<int> call, NUnit.Framework.Constraints.IResolveConstraint isRight)
    {
        Assert.That(call(), isRight);
        CallMany(call);
        AllocatedByThreads(call);

        // A thread that others delay may find the pool of messages empty, once; an allocation of every call is in every
        // round.
        (long Caller, long Worker)[] rounds = [.. Enumerable.Range(0, 5).Select(_ => AllocatedByThreads(call))];

        Assert.That(rounds.Min(round => round.Caller), Is.Zero, "bytes allocated on the calling thread");
        Assert.That(rounds.Min(round => round.Worker), Is.Zero, "bytes allocated on the worker");
    }

    private (long Caller, long Worker) AllocatedByThreads(Func<int> call)
    {
        long ofWorker = _remote.AllocatedByWorker();
        long ofCaller = GC.GetAllocatedBytesForCurrentThread();
        CallMany(call);
        ofCaller = GC.GetAllocatedBytesForCurrentThread() - ofCaller;
        return (ofCaller, _remote.AllocatedByWorker() - ofWorker);
    }

    private static void CallMany(Func<int> call)
    {
        for (int i = 0; i < Calls; i++)
        {
            call();
        }
    }

    private sealed class Counting : ICounting
    {
        private ICounting? _other;

        public int Add(int a, int b) => a + b;

        public int CallBack(int number) => _other!.Add(number, 1);

        public void Register(ICounting other) => _other = other;

        public long AllocatedByWorker() => GC.GetAllocatedBytesForCurrentThread();
    }
}
