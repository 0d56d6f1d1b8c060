using Multiprocess.Native;

namespace Multiprocess.Calls;

/// <summary>
/// The descriptors of one received message, until each is read or the message is returned to its pool.
/// </summary>
/// <remarks>
/// The thread that reads the message takes them, while the end of the connection may close the others on another
/// thread. Each descriptor is taken or closed exactly once.
/// </remarks>
internal sealed class MessageDescriptors(DescriptorPassing passing, NativeHandle?[] handles, IpcException? refusal)
    : IDisposable
{
    private int _left = handles.Length;

    /// <summary>Takes a descriptor. The caller must close it.</summary>
    /// <param name="place">Its index among the descriptors of the message.</param>
    /// <exception cref="IpcException">A limit of this side was exceeded, and the descriptors were closed.</exception>
    /// <exception cref="IpcProtocolException">The message has no such descriptor, or it was already read.</exception>
    /// <exception cref="IpcDisconnectedException">The connection has ended.</exception>
    public int Take(long place)
    {
        if (refusal is not null)
        {
            throw refusal;
        }

        if (place < handles.Length && Interlocked.Exchange(ref handles[place], null) is { } handle)
        {
            Note();
            return handle.Detach();
        }

        throw passing.IsClosed
            ? new IpcDisconnectedException("The connection has ended, and the descriptors of the message are closed.")
            : new IpcProtocolException(
                $"Descriptor: Expected one of {handles.Length} that was not read before, got number {place}.")
            {
                At = -1,
            };
    }

    /// <summary>Closes the descriptors that were not taken.</summary>
    public void Dispose()
    {
        for (int i = 0; i < handles.Length; i++)
        {
            if (Interlocked.Exchange(ref handles[i], null) is { } handle)
            {
                handle.Dispose();
                Note();
            }
        }
    }

    private void Note() => passing.Left(this, isLast: Interlocked.Decrement(ref _left) == 0);
}
