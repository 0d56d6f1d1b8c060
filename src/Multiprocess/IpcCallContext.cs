using Multiprocess.Locks;
using Multiprocess.Threads;

namespace Multiprocess;

/// <summary>What a called method can learn about its caller.</summary>
public sealed class IpcCallContext
{
    // Guards the two fields below.
    private readonly Lock _lock = new();
    private List<IDisposable>? _toDispose;
    private bool _isAnswered;

    internal IpcCallContext(IpcConnection connection, CancellationToken cancellationToken)
    {
        Connection = connection;
        CancellationToken = cancellationToken;
    }

    /// <summary>Identifies the call; default when the thread's own call stack already identifies it.</summary>
    internal CallStep Step { get; init; }

    /// <summary>The connection that the call arrived on.</summary>
    public IpcConnection Connection { get; }

    /// <summary>The caller: process id, user id, group id.</summary>
    public IpcPeer Peer => Connection.Peer;

    /// <summary>
    /// Cancelled when the caller cancels, the call times out, or the connection ends. For methods without a token
    /// parameter.
    /// </summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>
    /// Disposes the values once the call is answered, or at once when it has been answered already. Use this for a file
    /// or a socket that a method opens only to return it: the caller gets a duplicate, and without this call the
    /// method's own file would stay open until a garbage collection.
    /// </summary>
    /// <param name="values">The values, in the order in which they are disposed. Null ones are skipped.</param>
    /// <remarks>Thread-safe. An exception of a <c>Dispose</c> is ignored.</remarks>
    public void DisposeAfterAnswer(params IEnumerable<IDisposable?> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        IDisposable[] added = [.. values.OfType<IDisposable>()];
        using (Uninterruptible.Enter(_lock))
        {
            if (!_isAnswered)
            {
                (_toDispose ??= []).AddRange(added);
                return;
            }
        }

        Dispose(added);
    }

    /// <summary>Called when the call was answered, or when it is certain that it never will be.</summary>
    internal void EndAfterAnswer()
    {
        List<IDisposable>? values;
        using (Uninterruptible.Enter(_lock))
        {
            _isAnswered = true;
            values = _toDispose;
            _toDispose = null;
        }

        if (values is not null)
        {
            Dispose(values);
        }
    }

    private static void Dispose(IEnumerable<IDisposable> values)
    {
        foreach (IDisposable value in values)
        {
            try
            {
                value.Dispose();
            }
            catch (Exception)
            {
                // The caller already has its answer. Continue with the other values.
            }
        }
    }
}
