using System.ComponentModel;
using Multiprocess.CapnProto.Contracts;
using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Rpc.Capabilities;
using Multiprocess.CapnProto.Threads;

namespace Multiprocess.CapnProto.Generated;

/// <summary>A call that a generated stub runs. One thread at a time uses it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class CapnpIncomingCall : CapnpExchange
{
    private readonly CapnpCall _call;

    internal CapnpIncomingCall(CapnpCall call)
        : base(session: null)
        => _call = call;

    /// <summary>The interface of the method.</summary>
    public ulong InterfaceId => _call.InterfaceId;

    /// <summary>The method's ordinal.</summary>
    public ushort MethodId => _call.MethodId;

    /// <summary>The parameters.</summary>
    public CapnpStructReader Parameters { get; private set; }

    /// <summary>Cancelled when the caller no longer needs the answer, or its connection is lost.</summary>
    public CancellationToken CancellationToken => _call.CancellationToken;

    /// <summary>Creates the results.</summary>
    public CapnpStructBuilder InitResults(CapnpStructSize size) => _call.Results.InitStruct(size);

    /// <summary>Reads the parameters. Again for each call.</summary>
    /// <exception cref="IpcProtocolException">They are malformed.</exception>
    internal void Begin()
    {
        Session = _call.Origin?.Session;
        Parameters = _call.Parameters.ReadStruct();
    }

    /// <summary>
    /// Runs a synchronous method on the thread that the context names, once that is known. A call that names none is
    /// run by the pool that the peer has made, or here.
    /// </summary>
    internal ValueTask RunOnThread(uint pointer, IStub stub)
    {
        CapnpStructReader context = Parameters.Pointer(pointer).ReadStruct();
        CapnpReference? callbackThread = ReadReference(context.Pointer(1));
        if (Session is not { } session)
        {
            callbackThread?.Dispose();
            stub.RunHere(this);
            return ValueTask.CompletedTask;
        }

        var completion = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ThreadWork work = Work(session, callbackThread, () => stub.RunHere(this), completion);
        using CapnpReference? named = ReadReference(context.Pointer(0));
        if (named is not null)
        {
            named.WhenResolved(target => Post(session, target, work));
        }
        else if (session.NextInPool() is { } worker)
        {
            worker.Post(session, work);
        }
        else
        {
            work.Run();
        }

        return new(completion.Task);
    }

    /// <summary>Exchanges the two sides' thread maps.</summary>
    public ValueTask ExchangeThreads()
    {
        if (Session is { } session)
        {
            session.SetPeerThreads(ReadReference(Parameters.Pointer(0)));
            using CapnpReference own = session.ShareThreadMap();
            WriteReference(InitResults(new CapnpStructSize(0, 1)).Pointer(0), own);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The exception for a method that the contract does not have.</summary>
    public ValueTask Unknown() => throw _call.Unknown();

    /// <inheritdoc/>
    public override void WriteReference(CapnpPointerBuilder pointer, CapnpReference? reference)
        => _call.Write(pointer, reference);

    /// <inheritdoc/>
    public override CapnpReference? ReadReference(CapnpPointerReader pointer) => _call.Capability(pointer);

    /// <inheritdoc/>
    public override void Dispose()
    {
    }

    private static ThreadWork Work(
        CapnpSession session, CapnpReference? callbackThread, Action method, TaskCompletionSource completion)
        => new ActionWork(
        () =>
        {
            try
            {
                Run(session, callbackThread, method);
                completion.SetResult();
            }
            catch (Exception exception)
            {
                completion.SetException(exception);
            }
            finally
            {
                callbackThread?.Dispose();
            }
        },
        refusal =>
        {
            callbackThread?.Dispose();
            completion.SetException(refusal);
        });

    private static void Run(CapnpSession session, CapnpReference? callbackThread, Action method)
    {
        Capability? caller;
        lock (Gate.Lock)
        {
            caller = callbackThread?.Held;
        }

        CallThread thread = CallThread.Current;
        thread.BeginRun(session, caller);
        try
        {
            method();
        }
        finally
        {
            thread.EndRun();
        }
    }

    // Under the gate.
    private static void Post(CapnpSession session, object target, ThreadWork work)
    {
        if (target is LocalThread thread && thread.Session == session)
        {
            thread.Thread.Post(session, work);
        }
        else
        {
            work.Refuse(target as Exception ?? new CapnpException(
                CapnpExceptionType.Failed,
                "Context: Expected a thread that the thread map has made, got something else."));
        }
    }
}
