using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Rpc.Calls;
using Multiprocess.CapnProto.Rpc.Capabilities;
using Multiprocess.CapnProto.Rpc.Sockets;
using Multiprocess.CapnProto.Rpc.Wire;
using Multiprocess.CapnProto.Threads;

namespace Multiprocess.CapnProto.Generated;

/// <summary>A call that a generated proxy makes. One thread at a time uses it.</summary>
/// <remarks>
/// An object is used again for the next call of its thread, with everything that belongs to it, if the call was
/// synchronous and its answer came in order. So warm calls of numbers allocate nothing.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class CapnpOutgoingCall : CapnpExchange
{
    private const int MaxPooled = 8;

    // One object for each level of nesting.
    [ThreadStatic]
    private static Stack<CapnpOutgoingCall>? t_pool;

    private readonly Answer _answer = new();
    private readonly OutgoingCall _call;
    private readonly Payload _parameters;
    private CapnpReference _target = null!;
    private bool _isUnsent;

    // Under the gate.
    private CancellationToken _cancelledBy;

    // Owned by this call only if it is asynchronous.
    private ThreadBinding? _borrowed;
    private bool _isRemoteOurs;

    // Only of an asynchronous call.
    private CapnpAnswer? _later;

    private CapnpOutgoingCall()
        : base(session: null)
    {
        _call = new(_answer);
        _parameters = Payload.ForCall();
        _isUnsent = true;
    }

    /// <summary>The parameters.</summary>
    public CapnpStructBuilder Parameters { get; private set; }

    /// <summary>The results, once the answer has arrived.</summary>
    public CapnpStructReader Results { get; private set; }

    /// <exception cref="ObjectDisposedException">The reference was disposed.</exception>
    internal static CapnpOutgoingCall Begin(
        CapnpReference target, CapnpSession? session, ulong interfaceId, ushort ordinal, CapnpStructSize size)
    {
        target.ThrowIfDisposed();
        CapnpOutgoingCall call;
        if (t_pool is { Count: > 0 } pool)
        {
            call = pool.Pop();
            call._parameters.BeginCall();
            call._isUnsent = true;
        }
        else
        {
            call = new();
        }

        call._target = target;
        call.Session = session;
        call._call.Begin(interfaceId, ordinal, call._parameters, origin: null);
        call.Parameters = call._parameters.Target.InitStruct(size);
        return call;
    }

    /// <summary>Writes the threads of a call that this thread waits for.</summary>
    public void WriteContext(uint pointer)
    {
        if (Session is null)
        {
            return;
        }

        CallThread thread = CallThread.Current;
        Capability? caller = thread.CallerOf(Session);
        _isRemoteOurs = caller is null;
        CapnpStructBuilder context = Parameters.Pointer(pointer).InitStruct(ThreadFormat.Context);
        Session.WriteContext(_parameters, context, thread, caller);
    }

    /// <summary>Writes the threads of an asynchronous call.</summary>
    public void WriteAsynchronousContext(uint pointer)
    {
        if (Session is null)
        {
            return;
        }

        _borrowed = Session.Borrow();
        CapnpStructBuilder context = Parameters.Pointer(pointer).InitStruct(ThreadFormat.Context);
        lock (Gate.Lock)
        {
            _parameters.Write(context.Pointer(0), _borrowed.Remote?.Held);
            _parameters.Write(context.Pointer(1), _borrowed.Local.Held);
        }
    }

    /// <summary>Makes the call and waits for its answer. Callbacks run on this thread meanwhile.</summary>
    public void Send(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CallThread thread = CallThread.Current;
        Begin(thread, mayWait: !cancellationToken.CanBeCanceled);
        try
        {
            using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
                static (call, token) => ((CapnpOutgoingCall)call!).Cancel(token), this);
            thread.Wait(_answer);
        }
        finally
        {
            thread.EndWait();
        }

        if (_answer.Error is { } error)
        {
            Throw(error, thread);
        }

        Results = _answer.Results!.Content.ReadStruct();
    }

    /// <summary>Makes the call. The task completes when the answer has arrived.</summary>
    public async Task SendAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CapnpAnswer answer = SendLater();
        answer.CancelWith(cancellationToken);
        bool isAnswered = true;
        try
        {
            await answer.Completion.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            isAnswered = false;
            throw;
        }
        finally
        {
            GiveBack(isAnswered);
        }

        Results = answer.Results.ReadStruct();
    }

    /// <inheritdoc/>
    public override void WriteReference(CapnpPointerBuilder pointer, CapnpReference? reference)
        => CapnpRequest.Write(_parameters, pointer, reference);

    /// <inheritdoc/>
    public override CapnpReference? ReadReference(CapnpPointerReader pointer)
    {
        lock (Gate.Lock)
        {
            return CapnpReference.Wrap(_answer.Results!.Find(pointer));
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_later is not null)
        {
            _later.Dispose();
            GiveBack(isAnswered: false);
            return;
        }

        GiveBack(isAnswered: false);
        bool isUsedAgain;
        AfterGate.Enter();
        try
        {
            lock (Gate.Lock)
            {
                if (_isUnsent)
                {
                    _isUnsent = false;
                    _parameters.Dispose();
                }

                Payload? results = _answer.Results;
                _answer.Dispose();
                isUsedAgain = _answer is { IsPlain: true, WasSent: true } && results is not null;
                if (isUsedAgain)
                {
                    _answer.Reset();
                    results!.RecycleIncoming();
                }
            }
        }
        finally
        {
            AfterGate.Leave(mayWait: false);
        }

        t_pool ??= new();
        if (isUsedAgain && t_pool.Count < MaxPooled)
        {
            (Results, Parameters, Session) = (default, default, null);
            _cancelledBy = default;
            t_pool.Push(this);
        }
    }

    /// <summary>Makes the call, whose answer is awaited or not read at all.</summary>
    [MemberNotNull(nameof(_later))]
    internal CapnpAnswer SendLater()
    {
        AfterGate.Enter();
        try
        {
            lock (Gate.Lock)
            {
                Capability target = _target.Held;
                _isUnsent = false;
                _later = new CapnpAnswer(_answer);
                target.Call(_call);
                return _later;
            }
        }
        finally
        {
            AfterGate.Leave(mayWait: false);
        }
    }

    private void Begin(CallThread thread, bool mayWait)
    {
        AfterGate.Enter();
        try
        {
            lock (Gate.Lock)
            {
                Capability target = _target.Held;
                _isUnsent = false;
                _answer.Waiter = thread;
                thread.BeginWait(Session);
                target.Call(_call);
            }
        }
        finally
        {
            AfterGate.Leave(mayWait);
        }
    }

    private void Throw(Exception error, CallThread thread)
    {
        if (_cancelledBy.IsCancellationRequested)
        {
            error = new OperationCanceledException(_cancelledBy);
        }

        if (error is OperationCanceledException && _isRemoteOurs)
        {
            Session?.Retire(thread); // The peer's thread may still run the call.
        }

        ExceptionDispatchInfo.Throw(error);
    }

    private void Cancel(CancellationToken cancellationToken)
    {
        lock (Gate.Lock)
        {
            if (!_answer.IsDone)
            {
                _cancelledBy = cancellationToken; // Its exception says more than that of the answer.
                _answer.Dispose();
            }
        }
    }

    private void GiveBack(bool isAnswered)
    {
        if (_borrowed is { } borrowed)
        {
            _borrowed = null;
            Session!.GiveBack(borrowed, isAnswered);
        }
    }
}
