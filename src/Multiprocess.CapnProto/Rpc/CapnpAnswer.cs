using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc.Calls;
using Multiprocess.CapnProto.Rpc.Wire;

namespace Multiprocess.CapnProto.Rpc;

/// <summary>The answer to a call, which may not have arrived yet.</summary>
/// <example>
/// <code>
/// using CapnpAnswer answer = request.Send();
/// using CapnpReference file = answer.Pipeline(0);     // calls on it are sent at once, without waiting for the answer
/// await answer.Completion;
/// string? name = answer.Results.ReadStruct().Pointer(1).ReadText();
/// </code>
/// </example>
/// <remarks>
/// Dispose it when the results have been read; readers of the results are invalid after that. Disposing an answer that
/// has not arrived cancels the call. <see cref="Pipeline"/> and <see cref="Dispose"/> may be called by any thread.
/// </remarks>
public sealed class CapnpAnswer : IDisposable
{
    private readonly Answer _answer;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _registration;

    /// <summary>Call under the gate.</summary>
    internal CapnpAnswer(Answer answer)
    {
        _answer = answer;
        answer.WhenDone(Complete);
    }

    /// <summary>Completes when the answer has arrived.</summary>
    /// <exception cref="CapnpException">
    /// The method threw. The task fails with this exception, as with the following ones.
    /// </exception>
    /// <exception cref="IpcDisconnectedException">
    /// The connection was lost. The remote side may have run the call.
    /// </exception>
    /// <exception cref="IpcException">The call could not be made. The remote side did not run it.</exception>
    /// <exception cref="OperationCanceledException">
    /// The answer was disposed, or the token of the call was cancelled.
    /// </exception>
    public Task Completion => _completion.Task;

    /// <summary>The results: a struct, for every method that a schema can describe.</summary>
    /// <exception cref="InvalidOperationException">The answer is not there yet, or is an exception.</exception>
    public CapnpPointerReader Results => Payload.Content;

    private Payload Payload => _answer.Results
        ?? throw new InvalidOperationException("Answer: Expected one with results; await Completion first.");

    /// <summary>Returns the capability behind a pointer of the results. The caller disposes it.</summary>
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
    /// Returns the capability at a place of the results, before the results have arrived. Calls on it are sent without
    /// waiting for the answer. The caller disposes it.
    /// </summary>
    /// <param name="path">
    /// The numbers of the pointers that lead to the capability through structs, beginning with a pointer of the
    /// results.
    /// </param>
    public CapnpReference Pipeline(params ReadOnlySpan<ushort> path)
    {
        lock (Gate.Lock)
        {
            return CapnpReference.Wrap(_answer.Pipeline(path))!;
        }
    }

    /// <summary>Drops the results, or cancels the call if they have not arrived. May be called again.</summary>
    /// <remarks>A call continues while references from <see cref="Pipeline"/> are not disposed.</remarks>
    public void Dispose()
    {
        lock (Gate.Lock)
        {
            _answer.Dispose();
        }

        _registration.Dispose();
    }

    /// <summary>Whether the answer has arrived, or will not arrive any more. Any thread.</summary>
    internal bool IsDone => _completion.Task.IsCompleted;

    /// <summary>
    /// Runs an action when <see cref="IsDone"/>: under the gate, so it only wakes a thread.
    /// </summary>
    internal void WhenDone(Action then)
    {
        lock (Gate.Lock)
        {
            _answer.WhenDone(_ => then());
        }
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
        _completion.TrySetCanceled(cancellationToken); // First, because the exception of the token says more.
        lock (Gate.Lock)
        {
            _answer.Dispose();
        }
    }

    // Under the gate. Continuations of the task run elsewhere.
    private void Complete(Answer answer)
    {
        if (answer.Error is null)
        {
            _completion.TrySetResult();
        }
        else
        {
            _completion.TrySetException(answer.Error);
            _ = _completion.Task.Exception; // Marked as observed: nobody may wait for it.
        }
    }
}
