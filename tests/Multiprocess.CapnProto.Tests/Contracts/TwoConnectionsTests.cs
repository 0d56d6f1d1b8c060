using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Tests.Rpc;
using Multiprocess.CapnProto.Threads;

namespace Multiprocess.CapnProto.Tests.Contracts;

/// <summary>A thread that waits in the socket of one connection, and work for it from another connection.</summary>
/// <remarks>
/// The peer of the first connection names the thread, and sends it a call. The call waits for an answer over the second
/// connection, whose socket the thread reads itself. The stand-by of the first connection must notice the next call
/// there, and the thread must leave the second socket to run it.
/// </remarks>
public sealed class TwoConnectionsTests
{
    private readonly ManualResetEventSlim _isHeld = new();
    private readonly ManualResetEventSlim _isReleased = new();
    private CapnpConnection _client = null!;
    private CapnpConnection _middle = null!;
    private CapnpConnection _middleToFar = null!;
    private CapnpConnection _far = null!;
    private Relay _relay = null!;

    [SetUp]
    public void Connect()
    {
        _isHeld.Reset();
        _isReleased.Reset();
        (_middleToFar, _far) = PeerFixture.Pair(
            root: null, CapnpContract.Serve<IHolder>(new Holder(_isHeld, _isReleased)), wire: Wire.Socket);
        _relay = new Relay(_middleToFar.GetRoot<IHolder>(), _isReleased);
        (_client, _middle) = PeerFixture.Pair(root: null, CapnpContract.Serve<IRelay>(_relay), wire: Wire.Socket);
    }

    [TearDown]
    public async Task Disconnect()
    {
        _isReleased.Set();
        foreach (CapnpConnection connection in (CapnpConnection[])[_client, _middle, _middleToFar, _far])
        {
            await connection.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
        }
    }

    [Test]
    public async Task Work_from_the_first_connection_is_done_while_the_thread_waits_in_the_second_ones_socket()
    {
        using CapnpReference root = _client.Bootstrap();
        using CapnpAnswer maps = Construct(root);
        using CapnpReference threads = maps.Pipeline(0);
        using CapnpRequest make = threads.Call(ThreadFormat.ThreadMapId, ThreadFormat.MakeThread);
        make.Parameters.InitStruct(new CapnpStructSize(0, 1)).Pointer(0).WriteText("named");
        using CapnpAnswer made = make.Send();
        using CapnpReference thread = made.Pipeline(0);

        using CapnpAnswer waiting = Call(root, methodId: 1, thread);
        Assert.That(_isHeld.Wait(PeerCalls.Bound), Is.True, "The far side has the call for which the thread waits.");
        using CapnpAnswer releasing = Call(root, methodId: 2, thread);

        await releasing.Completion.WaitAsync(PeerCalls.Bound);
        await waiting.Completion.WaitAsync(PeerCalls.Bound);
        Assert.That(_relay.Threads, Has.Count.EqualTo(2).And.All.EqualTo("named"));
        Assert.That(_relay.WasInside, Is.True, "The second call ran inside the first one.");
    }

    // The client's side makes no threads, so it gives no map of its own.
    private static CapnpAnswer Construct(CapnpReference root)
    {
        using CapnpRequest request = root.Call(0xa1b2c3d4e5f60731, methodId: 0);
        _ = request.Parameters.InitStruct(new CapnpStructSize(0, 1));
        return request.Send();
    }

    private static CapnpAnswer Call(CapnpReference root, ushort methodId, CapnpReference thread)
    {
        using CapnpRequest request = root.Call(0xa1b2c3d4e5f60731, methodId);
        CapnpStructBuilder context = request.Parameters.InitStruct(new CapnpStructSize(0, 1)).Pointer(0).InitStruct(
            ThreadFormat.Context);
        request.Write(context.Pointer(0), thread);
        return request.Send();
    }

    private sealed class Holder(ManualResetEventSlim isHeld, ManualResetEventSlim isReleased) : IHolder
    {
        public bool Hold()
        {
            isHeld.Set();
            return isReleased.Wait(PeerCalls.Bound);
        }
    }

    private sealed class Relay(IHolder holder, ManualResetEventSlim isReleased) : IRelay
    {
        private bool _isInside;

        public List<string?> Threads { get; } = [];

        public bool WasInside { get; private set; }

        public void WaitFar()
        {
            Threads.Add(Thread.CurrentThread.Name);
            _isInside = true;
            Assert.That(holder.Hold(), Is.True);
            _isInside = false;
        }

        public void Release()
        {
            Threads.Add(Thread.CurrentThread.Name);
            WasInside = _isInside;
            isReleased.Set();
        }
    }
}

[CapnpInterface(0xa1b2c3d4e5f60730)]
public interface IHolder
{
    bool Hold();
}

[CapnpInterface(0xa1b2c3d4e5f60731, Context = true, Construct = 0)]
public interface IRelay
{
    [CapnpMethod(1)]
    void WaitFar();

    [CapnpMethod(2)]
    void Release();
}
