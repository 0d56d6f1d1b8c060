using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Tests.Rpc;

namespace Multiprocess.CapnProto.Tests.Contracts;

/// <summary>Many threads call over one connection, in both directions, with small and with large messages.</summary>
[TestFixture(Wire.Pipe)]
[TestFixture(Wire.Socket)]
public sealed class ManyThreadsTests(Wire wire)
{
    private CapnpConnection _first = null!;
    private CapnpConnection _second = null!;
    private IOrdinary[] _remotes = null!;

    [SetUp]
    public void Connect()
    {
        (_first, _second) = PeerFixture.Pair(
            CapnpContract.Serve<IOrdinary>(new OrdinaryTests.Ordinary()),
            CapnpContract.Serve<IOrdinary>(new OrdinaryTests.Ordinary()),
            wire: wire);
        _remotes = [_first.GetRoot<IOrdinary>(), _second.GetRoot<IOrdinary>()];
    }

    [TearDown]
    public async Task Disconnect()
    {
        await _first.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
        await _second.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
    }

    [Test]
    public void Each_thread_gets_its_own_answers()
        => RunThreads(count: 8, (remote, thread) =>
        {
            for (int i = 0; i < 200; i++)
            {
                Assert.That(remote.Add(thread, i), Is.EqualTo(thread + i));
                Assert.That(remote.CallBack(i % 3, value => value + thread), Is.Not.Negative);
            }
        });

    [Test]
    public async Task Asynchronous_calls_run_beside_synchronous_ones()
    {
        Task<long>[] sums = [.. Enumerable.Range(0, 200).Select(i => _remotes[i % 2].AddAsync(i, 1))];

        RunThreads(count: 2, (remote, thread) => Assert.That(remote.Add(thread, 1), Is.EqualTo(thread + 1)));

        long[] all = await Task.WhenAll(sums).WaitAsync(PeerCalls.Bound);
        Assert.That(all, Is.EqualTo(Enumerable.Range(1, 200).Select(i => (long)i)));
    }

    [Test]
    public void Large_messages_cross_in_both_directions_at_once()
        => RunThreads(count: 4, (remote, thread) =>
        {
            byte[] bytes = new byte[3_000_000 + thread];
            bytes[^1] = (byte)(thread + 1);
            for (int i = 0; i < 5; i++)
            {
                byte[] back = remote.Reverse(bytes);
                Assert.That((back.Length, back[0]), Is.EqualTo((bytes.Length, bytes[^1])));
            }
        });

    // Threads of its own, because each has a thread of the peer. Half of them call from each side.
    private void RunThreads(int count, Action<IOrdinary, int> body)
    {
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, count).Select(i => new Thread(() =>
        {
            try
            {
                body(_remotes[i % 2], i);
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        })
        { IsBackground = true })];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            Assert.That(thread.Join(PeerCalls.Bound), Is.True, "A thread still waits for its answer.");
        }

        Assert.That(failure, Is.Null);
    }
}
