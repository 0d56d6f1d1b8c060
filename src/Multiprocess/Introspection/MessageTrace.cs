using System.Threading.Channels;
using Multiprocess.Threads;

namespace Multiprocess.Introspection;

/// <summary>
/// Collects what crosses the other connections of the process, for one who watches. From its making to its disposal;
/// any thread.
/// </summary>
/// <remarks>
/// It is a logger in front of each connection's own, which calls ask anyway whether they shall write. Connections that
/// are opened meanwhile get it too. Who watches slowly loses the newest messages, and is told how many; calls never
/// wait.
/// </remarks>
internal sealed class MessageTrace : IDisposable
{
    /// <summary>Most messages that are kept until they are asked for.</summary>
    private const int MostMessages = 4_096;

    /// <summary>Most bytes of those messages. Beyond it, and of longer ones, only that they crossed.</summary>
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

    /// <summary>Takes note of a message.</summary>
    /// <param name="connection">The connection's number.</param>
    /// <param name="peer">The peer's process.</param>
    /// <param name="what">A word: what kind of message it is, and which way it goes.</param>
    /// <param name="request">The call's number.</param>
    /// <param name="contract">The callee's contract.</param>
    /// <param name="methodId">The method.</param>
    /// <param name="frame">The whole frame; none where it is sensitive, or not at hand.</param>
    public void Add(
        long connection,
        int peer,
        string what,
        long request,
        ICallee contract,
        uint methodId,
        ReadOnlySpan<byte> frame)
    {
        bool fits = !frame.IsEmpty
            && frame.Length <= MostBytesOfOne
            && Interlocked.Read(ref _bytes) + frame.Length <= MostBytes;
        byte[]? kept = fits ? frame.ToArray() : null;
        Interlocked.Add(ref _bytes, kept?.Length ?? 0);
        long ticks = DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks;
        if (
            !_messages.Writer.TryWrite(
                [ticks, connection, peer, what, request, contract.Name, contract.GetMethodName(methodId), (long)methodId, frame.Length, kept]))
        {
            Interlocked.Add(ref _bytes, -(kept?.Length ?? 0));
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>How many messages were lost since the last time, and those that are there, at least one.</summary>
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
