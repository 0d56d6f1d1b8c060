using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Rpc.Capabilities;
using Multiprocess.CapnProto.Rpc.Connections;
using Multiprocess.CapnProto.Rpc.Wire;

namespace Multiprocess.CapnProto.Threads;

/// <summary>The threads of one connection, by libmultiprocess's conventions.</summary>
/// <remarks>
/// A thread of this process that makes a call has one thread of the peer, which runs all its calls. A call that this
/// side runs for a thread of the peer calls back on that thread. An asynchronous call borrows a pair of threads until
/// it is answered, because the peer's thread may block in it.
/// </remarks>
internal sealed class CapnpSession(RpcConnection connection, int maxThreads)
{
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromSeconds(1);

    // Taken before the gate, and never while it is held.
    private readonly Lock _lock = new();

    // All guarded by _lock.
    private readonly Dictionary<CallThread, ThreadBinding> _bindings = [];
    private readonly Stack<ThreadBinding> _idle = new();
    private readonly List<(LocalThread Thread, CapnpReference Reference)> _pool = [];
    private CapnpReference? _peerThreads;
    private Timer? _look;
    private int _nextInPool;
    private bool _hasEnded;

    private int _workers;

    public RpcConnection Connection => connection;

    /// <summary>Workers that the peer refers to, and workers for callbacks of asynchronous calls.</summary>
    public int Workers => Volatile.Read(ref _workers);

    /// <summary>Threads of this process that have made calls.</summary>
    public int Bindings
    {
        get
        {
            lock (_lock)
            {
                return _bindings.Count;
            }
        }
    }

    /// <summary>The map that makes threads of this side. The caller disposes the reference.</summary>
    public CapnpReference ShareThreadMap() => CapnpReference.Of(new LocalThreadMap(this));

    /// <summary>Sets the map that makes threads of the peer. Takes over the reference.</summary>
    public void SetPeerThreads(CapnpReference? map)
    {
        lock (_lock)
        {
            if (_hasEnded)
            {
                map?.Dispose();
                return;
            }

            _peerThreads?.Dispose();
            _peerThreads = map;
        }
    }

    /// <summary>
    /// Writes the two threads of a call that the calling thread makes: under the lock, because the end of the
    /// connection disposes the references.
    /// </summary>
    /// <param name="parameters">The call's parameters.</param>
    /// <param name="context">The struct of both threads in them.</param>
    /// <param name="thread">The calling thread.</param>
    /// <param name="caller">The thread of the peer that waits for the calling thread, if there is one.</param>
    public void WriteContext(Payload parameters, CapnpStructBuilder context, CallThread thread, Capability? caller)
    {
        lock (_lock)
        {
            if (_hasEnded)
            {
                return; // The call fails.
            }

            ThreadBinding binding = BindingOf(thread);
            if (caller is null)
            {
                binding.Remote ??= MakeRemote(thread);
            }

            lock (Gate.Lock)
            {
                parameters.Write(context.Pointer(0), caller ?? binding.Remote?.Held);
                parameters.Write(context.Pointer(1), binding.Local.Held);
            }
        }
    }

    /// <summary>
    /// Called when a call was abandoned: the peer's thread may still run it, so the next call gets another one.
    /// </summary>
    public void Retire(CallThread thread)
    {
        lock (_lock)
        {
            if (_bindings.Remove(thread, out ThreadBinding? binding))
            {
                binding.Dispose();
            }
        }
    }

    /// <summary>Two threads for an asynchronous call.</summary>
    public ThreadBinding Borrow()
    {
        lock (_lock)
        {
            if (_idle.TryPop(out ThreadBinding? binding))
            {
                return binding;
            }

            var thread = new CallThread("capnp callback", this);
            Interlocked.Increment(ref _workers); // LocalThread counts it down.
            return new(thread, CapnpReference.Of(new LocalThread(this, thread, isOwned: true)))
            {
                Remote = MakeRemote(thread),
            };
        }
    }

    /// <summary>Gives threads back. Threads of a call that was abandoned are not used again.</summary>
    public void GiveBack(ThreadBinding binding, bool isAnswered)
    {
        lock (_lock)
        {
            if (isAnswered && !_hasEnded && binding.Remote is not null)
            {
                _idle.Push(binding);
                return;
            }
        }

        binding.Dispose();
    }

    /// <summary>Makes a worker for the peer.</summary>
    /// <exception cref="CapnpException">The peer has as many as the limit.</exception>
    public CapnpReference MakeWorker(string name) => CapnpReference.Of(NewWorker(name));

    /// <summary>Makes workers for the peer's calls that name no thread.</summary>
    /// <exception cref="CapnpException">The peer has as many as the limit.</exception>
    public void MakePool(uint count)
    {
        for (uint i = 0; i < count; i++)
        {
            LocalThread worker = NewWorker($"pool {i}");
            var reference = CapnpReference.Of(worker);
            lock (_lock)
            {
                if (!_hasEnded)
                {
                    _pool.Add((worker, reference));
                    continue;
                }
            }

            reference.Dispose();
            return;
        }
    }

    /// <summary>A worker of the pool, for a call that names no thread; null without a pool.</summary>
    public CallThread? NextInPool()
    {
        lock (_lock)
        {
            return _pool.Count == 0 ? null : _pool[_nextInPool++ % _pool.Count].Thread.Thread;
        }
    }

    /// <summary>Called when a worker of the peer has ended.</summary>
    public void Left() => Interlocked.Decrement(ref _workers);

    /// <summary>Called when the connection has ended, under the gate.</summary>
    public void End()
        => ThreadPool.UnsafeQueueUserWorkItem(static session => session.Clear(), this, preferLocal: false);

    private LocalThread NewWorker(string name)
    {
        if (Interlocked.Increment(ref _workers) > maxThreads)
        {
            Interlocked.Decrement(ref _workers);
            throw new CapnpException(
                CapnpExceptionType.Overloaded, $"Threads: Expected at most {maxThreads:N0}, got one more.");
        }

        return new LocalThread(this, new CallThread(name, this), isOwned: true);
    }

    // Under the lock.
    private ThreadBinding BindingOf(CallThread thread)
    {
        if (!_bindings.TryGetValue(thread, out ThreadBinding? binding))
        {
            binding = new(thread, CapnpReference.Of(new LocalThread(this, thread, isOwned: false)));
            _bindings.Add(thread, binding);
            _look ??= new Timer(static session => ((CapnpSession)session!).Look(), this, s_lookEvery, s_lookEvery);
        }

        return binding;
    }

    // Without waiting: the peer resolves the reference.
    private CapnpReference? MakeRemote(CallThread thread)
    {
        if (_peerThreads is null)
        {
            return null;
        }

        using CapnpRequest request = _peerThreads.Call(ThreadFormat.ThreadMapId, ThreadFormat.MakeThread);
        request.Parameters.InitStruct(new CapnpStructSize(0, 1)).Pointer(0).WriteText(thread.Name);
        using CapnpAnswer answer = request.Send();
        return answer.Pipeline(0);
    }

    // Threads end without saying so.
    private void Look()
    {
        lock (_lock)
        {
            foreach (CallThread thread in _bindings.Keys.Where(thread => !thread.IsAlive).ToArray())
            {
                _bindings.Remove(thread, out ThreadBinding? binding);
                binding!.Dispose();
            }

            if (_bindings.Count == 0)
            {
                _look?.Dispose();
                _look = null;
            }
        }
    }

    private void Clear()
    {
        lock (_lock)
        {
            _hasEnded = true;
            _look?.Dispose();
            _look = null;
            foreach (ThreadBinding binding in _bindings.Values.Concat(_idle))
            {
                binding.Dispose();
            }

            _bindings.Clear();
            _idle.Clear();
            foreach ((_, CapnpReference reference) in _pool)
            {
                reference.Dispose();
            }

            _pool.Clear();
            _peerThreads?.Dispose();
            _peerThreads = null;
        }
    }
}
