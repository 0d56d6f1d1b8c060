using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Threads;

namespace Multiprocess.CapnProto.Generated;

/// <summary>A call that a generated proxy makes. One thread at a time uses it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class CapnpOutgoingCall : CapnpExchange
{
    private readonly CapnpRequest _request;

    // Owned by this call only if it is asynchronous.
    private ThreadBinding? _borrowed;
    private bool _isRemoteOurs;
    private CapnpAnswer? _answer;

    internal CapnpOutgoingCall(
        CapnpReference target, CapnpSession? session, ulong interfaceId, ushort ordinal, CapnpStructSize size)
        : base(session)
    {
        _request = target.Call(interfaceId, ordinal);
        Parameters = _request.Parameters.InitStruct(size);
    }

    /// <summary>The parameters.</summary>
    public CapnpStructBuilder Parameters { get; }

    /// <summary>The results, once the answer has arrived.</summary>
    public CapnpStructReader Results { get; private set; }

    /// <summary>Writes the threads of a call that this thread waits for.</summary>
    public void WriteContext(uint pointer)
    {
        if (Session is null)
        {
            return;
        }

        CallThread thread = CallThread.Current;
        CapnpReference? caller = thread.CallerOf(Session);
        _isRemoteOurs = caller is null;
        CapnpStructBuilder context = Parameters.Pointer(pointer).InitStruct(ThreadFormat.Context);
        Session.WriteContext(_request, context, thread, caller);
    }

    /// <summary>Writes the threads of an asynchronous call.</summary>
    public void WriteAsynchronousContext(uint pointer)
    {
        if (Session is null)
        {
            return;
        }

        _borrowed = Session.Borrow();
        WriteContext(pointer, _borrowed.Remote, _borrowed.Local);
    }

    /// <summary>Makes the call and waits for its answer. Callbacks run on this thread meanwhile.</summary>
    public void Send(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CallThread thread = CallThread.Current;
        thread.BeginWait(Session);
        try
        {
            _answer = _request.Send(cancellationToken);
            thread.Wait(_answer);
        }
        finally
        {
            thread.EndWait();
        }

        try
        {
            _answer.Completion.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            if (_isRemoteOurs)
            {
                Session?.Retire(thread); // The peer's thread may still run the call.
            }

            throw;
        }

        Results = _answer.Results.ReadStruct();
    }

    /// <summary>Makes the call. The task completes when the answer has arrived.</summary>
    public async Task SendAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _answer = _request.Send(cancellationToken);
        bool isAnswered = true;
        try
        {
            await _answer.Completion.ConfigureAwait(false);
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

        Results = _answer.Results.ReadStruct();
    }

    /// <inheritdoc/>
    public override void WriteReference(CapnpPointerBuilder pointer, CapnpReference? reference)
        => _request.Write(pointer, reference);

    /// <inheritdoc/>
    public override CapnpReference? ReadReference(CapnpPointerReader pointer) => _answer!.Capability(pointer);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _request.Dispose();
        _answer?.Dispose();
        GiveBack(isAnswered: false);
    }

    [MemberNotNull(nameof(_answer))]
    internal CapnpAnswer SendLater() => _answer = _request.Send();

    private void GiveBack(bool isAnswered)
    {
        if (_borrowed is { } borrowed)
        {
            _borrowed = null;
            Session!.GiveBack(borrowed, isAnswered);
        }
    }

    private void WriteContext(uint pointer, CapnpReference? remote, CapnpReference local)
    {
        CapnpStructBuilder context = Parameters.Pointer(pointer).InitStruct(ThreadFormat.Context);
        _request.Write(context.Pointer(0), remote);
        _request.Write(context.Pointer(1), local);
    }
}
