using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc.Calls;
using Multiprocess.CapnProto.Rpc.Wire;

namespace Multiprocess.CapnProto.Rpc;

/// <summary>The answer of a call, which may not be there yet.</summary>
/// <example>
/// <code>
/// using CapnpAnswer answer = request.Send();
/// using CapnpReference file = answer.Pipeline(0);     // calls on it are sent at once, without waiting for the answer
/// await answer.Completion;
/// string? name = answer.Results.ReadStruct().Pointer(1).ReadText();
/// </code>
/// </example>
/// <remarks>
/// Dispose it when the results have been read: readers of the results are of no use after that. Disposing an answer
/// that
/// is not there yet cancels the call. <see cref="Pipeline"/> and <see cref="Dispose"/> can be used by several threads.
/// </remarks>
public sealed class CapnpAnswer : IDisposable
{
    private readonly Answer _answer;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _registration;

    /// <summary>Under the gate.</summary>
    internal CapnpAnswer(Answer answer)
    {
        _answer = answer;
        answer.WhenDone(Complete);
    }

    /// <summary>Completes with the answer.</summary>
    /// <exception cref="CapnpException">The method has thrown it. The task has it, as the following ones.</exception>
    /// <exception cref="IpcDisconnectedException">The connection was lost. The remote side may have run the
    /// call.</exception>
    /// <exception cref="IpcException">The call could not be made. The remote side did not run it.</exception>
    /// <exception cref="OperationCanceledException">The answer was disposed, or the token of the call was
    /// cancelled.</exception>
    public Task Completion => _completion.Task;

    /// <summary>The results: a struct, for every method that a schema can describe.</summary>
    /// <exception cref="InvalidOperationException">The answer is not there yet, or is an exception.</exception>
    public CapnpPointerReader Results => Payload.Content;

    private Payload Payload => _answer.Results
        ?? throw new InvalidOperationException("Answer: Expected one with results; await Completion first.");

    /// <summary>Gives the capability behind a pointer of the results. The caller disposes it.</summary>
    /// <returns>The capability; null for a null pointer.</returns>
    /// <exception cref="InvalidOperationException">The answer is not there yet, or is an exception.</exception>
    /// <exception cref="IpcProtocolException">The pointer is something else.</exception>
    public CapnpReference? Capability(CapnpPointerReader pointer)
    {
        lock (Gate.Lock)
        {
            return CapnpReference.Wrap(Payload.Find(pointer));
        }
    }

    /// <summary>
    /// Gives the capability that the results have or will have at a place. Calls on it are sent without waiting for the
    /// answer. The caller disposes it.
    /// </summary>
    /// <param name="path">The numbers of the pointers that lead there through structs, the results' own first.</param>
    public CapnpReference Pipeline(params ReadOnlySpan<ushort> path)
    {
        lock (Gate.Lock)
        {
            return CapnpReference.Wrap(_answer.Pipeline(path))!;
        }
    }

    /// <summary>Drops the results, or cancels the call if they are not there yet. Can be repeated.</summary>
    /// <remarks>A call goes on while references from <see cref="Pipeline"/> are not disposed.</remarks>
    public void Dispose()
    {
        lock (Gate.Lock)
        {
            _answer.Dispose();
        }

        _registration.Dispose();
    }

    internal void CancelWith(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _registration = cancellationToken.UnsafeRegister(
                static (answer, token) => ((CapnpAnswer)answer!).Cancel(token), this);
        }
    }

    private void Cancel(CancellationToken cancellationToken)
    {
        _completion.TrySetCanceled(cancellationToken); // First: the token's exception is the better one.
        lock (Gate.Lock)
        {
            _answer.Dispose();
        }
    }

    // Under the gate. What waits for the task continues elsewhere.
    private void Complete(Answer answer)
    {
        if (answer.Error is null)
        {
            _completion.TrySetResult();
        }
        else
        {
            _completion.TrySetException(answer.Error);
            _ = _completion.Task.Exception; // Seen: nobody may wait for it.
        }
    }
}
