using Multiprocess.CapnProto.Rpc.Capabilities;
using Multiprocess.CapnProto.Rpc.Connections;
using Multiprocess.CapnProto.Rpc.Wire;
using Multiprocess.CapnProto.Threads;

namespace Multiprocess.CapnProto.Rpc.Calls;

/// <summary>The answer to a call: pending, results, or an exception.</summary>
/// <remarks>
/// All members are used under the gate. The waiting side disposes the answer; the side that runs the call completes it,
/// once. If the answer is disposed first, the call is cancelled, and its outcome is dropped.
/// </remarks>
internal sealed class Answer
{
    // The capabilities that were requested, in order. They are found by path, so that calls on one capability stay in
    // order.
    private readonly List<PipelinedCapability> _pipelined = [];

    // Kept for the next call, if there is one.
    private Question? _question;
    private Action<Answer>? _whenDone;
    private bool _isDisposed;

    /// <summary>The results, once the answer has arrived.</summary>
    public Payload? Results { get; private set; }

    /// <summary>The exception, once the answer has arrived.</summary>
    public Exception? Error { get; private set; }

    public bool IsDone => Results is not null || Error is not null;

    /// <summary>The call as the peer knows it, from the send until the answer.</summary>
    public Question? Question { get; private set; }

    /// <summary>The call as the side that runs it sees it, if that side is in this process.</summary>
    public CapnpCall? Running { get; set; }

    /// <summary>The thread that waits for the answer, if there is one.</summary>
    public CallThread? Waiter { get; set; }

    /// <summary>The call of the peer that is answered with this; null for a call of this side.</summary>
    public IncomingCall? Incoming { get; set; }

    /// <summary>
    /// Whether only the two sides of the call know the answer, and it came in order: it can be used for another call.
    /// </summary>
    public bool IsPlain { get; private set; } = true;

    /// <summary>Whether the call was sent to a peer.</summary>
    public bool WasSent { get; private set; }

    /// <summary>Makes the answer pending again. Only if <see cref="IsPlain"/>.</summary>
    public void Reset()
    {
        Results = null;
        Error = null;
        Question = null;
        Running = null;
        Waiter = null;
        Incoming = null;
        WasSent = false;
        _isDisposed = false;
    }

    /// <summary>Runs an action when the answer has arrived: at once if it already has.</summary>
    public void WhenDone(Action<Answer> then)
    {
        IsPlain = false;
        if (IsDone)
        {
            then(this);
        }
        else
        {
            _whenDone += then;
        }
    }

    /// <summary>Makes the question that is about to be sent.</summary>
    public Question Ask(RpcConnection connection)
    {
        _question ??= new Question(this);
        _question.Begin(connection);
        return _question;
    }

    /// <summary>Called when the call was sent: calls on its results can now be sent too.</summary>
    public void SentAs(Question question)
    {
        Question = question;
        WasSent = true;
        if (_pipelined.Count > 0)
        {
            foreach (PipelinedCapability pipelined in _pipelined.ToArray())
            {
                pipelined.KeeperFound();
            }
        }
    }

    /// <summary>Returns a new reference to the capability at a path in the results.</summary>
    public Capability Pipeline(ReadOnlySpan<ushort> path)
    {
        IsPlain = false;
        if (Results is not null)
        {
            return Results.FindAt(path);
        }

        if (Error is not null)
        {
            return new BrokenCapability(Error);
        }

        foreach (PipelinedCapability pipelined in _pipelined)
        {
            if (pipelined.Path.AsSpan().SequenceEqual(path))
            {
                pipelined.AddReference();
                return pipelined;
            }
        }

        var made = new PipelinedCapability(this, path.ToArray());
        _pipelined.Add(made);
        return made;
    }

    /// <summary>Called when the capability is resolved, or has no references any more.</summary>
    public void Forget(PipelinedCapability pipelined)
    {
        _pipelined.Remove(pipelined);
        if (_isDisposed && !IsDone && _pipelined.Count == 0)
        {
            Abandon();
        }
    }

    /// <summary>Completes the answer. The answer takes ownership of the results.</summary>
    public void Complete(Payload results)
    {
        if (IsDone)
        {
            results.Dispose();
            return;
        }

        Results = results;
        Done();
    }

    /// <summary>Completes the answer with an exception.</summary>
    public void Fail(Exception reason)
    {
        if (!IsDone)
        {
            IsPlain = false;
            Error = reason;
            Done();
        }
    }

    /// <summary>Called when the answer is no longer needed.</summary>
    /// <param name="evenIfUsed">Whether to cancel the call even if calls on its results are still in use.</param>
    public void Dispose(bool evenIfUsed = false)
    {
        if (_isDisposed)
        {
            // It may have gone on only because calls on its results were in use.
            if (evenIfUsed && !IsDone)
            {
                Abandon();
            }

            return;
        }

        _isDisposed = true;
        if (IsDone)
        {
            Results?.Dispose();
            return;
        }

        // While calls on the results are in use, the call continues. Its question ends with the last of them.
        if (evenIfUsed || _pipelined.Count == 0)
        {
            Abandon();
        }
    }

    private void Abandon()
    {
        IsPlain = false;
        Question? question = Question;
        CapnpCall? running = Running;
        Fail(new OperationCanceledException("The answer was disposed before it was there."));
        question?.Cancel();
        running?.Cancel();
    }

    // The capabilities are resolved first: embargoes must begin before the peer learns that the question is finished.
    private void Done()
    {
        if (_pipelined.Count > 0)
        {
            foreach (PipelinedCapability pipelined in _pipelined.ToArray())
            {
                pipelined.Resolve(Error is { } error ? new BrokenCapability(error) : Results!.FindAt(pipelined.Path));
            }

            _pipelined.Clear();
        }

        Question = null;
        Running = null;
        Waiter?.Wake();
        Action<Answer>? whenDone = _whenDone;
        _whenDone = null;
        whenDone?.Invoke(this);
        Incoming?.Return(); // Last, because it may drop the results.
        if (_isDisposed)
        {
            Results?.Dispose();
        }
    }
}
