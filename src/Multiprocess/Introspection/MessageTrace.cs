using System.Threading.Channels;
using Multiprocess.Threads;

namespace Multiprocess.Introspection;

/// <summary>
/// Collects the messages of the other connections of the process for one watcher, from its creation to its disposal.
/// Thread-safe.
/// </summary>
/// <remarks>
/// A logger in front of each connection's own logger, because calls ask the logger anyway. Connections that are opened
/// later get one too. A slow watcher loses the newest messages and is told their number; calls never wait.
/// </remarks>
internal sealed class MessageTrace : IDisposable
{
    /// <summary>Most messages kept until the watcher takes them.</summary>
    private const int MostMessages = 4_096;

    /// <summary>
    /// Most bytes of the kept messages. Beyond it, and for a longer message, only the fact that the message crossed is
    /// kept.
    /// </summary>
    private const int MostBytes = 4 * 1024 * 1024;

    private const int MostBytesOfOne = 64 * 1024;

    private readonly Channel<object?[]> _messages = Channel.CreateBounded<object?[]>(
        new BoundedChannelOptions(MostMessages) { FullMode = BoundedChannelFullMode.Wait });
    private long _bytes;
    private long _dropped;

    public MessageTrace() => TracedConnections.Add(this);

    public void Dispose()
    {
        TracedConnections.Remove(this);
        _messages.Writer.TryComplete();
    }

    /// <summary>Adds a message.</summary>
    /// <param name="connection">The number of the connection.</param>
    /// <param name="peer">The process id of the peer.</param>
    /// <param name="what">A phrase for the kind and the direction of the message.</param>
    /// <param name="request">The request number of the call.</param>
    /// <param name="contract">The called contract.</param>
    /// <param name="methodId">The method.</param>
    /// <param name="frame">The whole frame; empty if it is sensitive.</param>
    public void Add(
        long connection,
        int peer,
        string what,
        long request,
        IContractNames contract,
        uint methodId,
        ReadOnlySpan<byte> frame)
    {
        bool fits = !frame.IsEmpty
            && frame.Length <= MostBytesOfOne
            && Interlocked.Read(ref _bytes) + frame.Length <= MostBytes;
        byte[]? kept = fits ? frame.ToArray() : null;
        Interlocked.Add(ref _bytes, kept?.Length ?? 0);
        long ticks = DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks;
        if (!_messages.Writer.TryWrite(
            [
                ticks,
                connection,
                peer,
                what,
                request,
                contract.Name,
                contract.GetMethodName(methodId),
                (long)methodId,
                frame.Length,
                kept
            ]))
        {
            Interlocked.Add(ref _bytes, -(kept?.Length ?? 0));
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>
    /// Returns the number of messages lost since the last call, and the available messages, at least one.
    /// </summary>
    public async Task<object?[]> TakeAsync(int most, CancellationToken cancellationToken)
    {
        var taken = new List<object?>();
        if (most > 0 && await _messages.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(true))
        {
            long bytes = 0;
            while (taken.Count < most && bytes < MostBytes && _messages.Reader.TryRead(out object?[]? message))
            {
                taken.Add(message);
                bytes += (message[^1] as byte[])?.Length ?? 0;
            }

            Interlocked.Add(ref _bytes, -bytes);
        }

        return [Interlocked.Exchange(ref _dropped, 0), taken.ToArray()];
    }
}
