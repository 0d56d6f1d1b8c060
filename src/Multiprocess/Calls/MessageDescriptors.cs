using Multiprocess.Native;

namespace Multiprocess.Calls;

/// <summary>The descriptors of one received message, until each was read or the message is given back.</summary>
/// <remarks>
/// Read by the thread that reads the message; the end of the connection closes the rest at the same time. Each
/// descriptor leaves once.
/// </remarks>
internal sealed class MessageDescriptors(DescriptorPassing passing, NativeHandle?[] handles, IpcException? refusal)
    : IDisposable
{
    private int _left = handles.Length;

    /// <summary>Takes a descriptor, which the caller then closes.</summary>
    /// <param name="place">Its place among those of the message.</param>
    /// <exception cref="IpcException">The descriptors were over a limit of this side.</exception>
    /// <exception cref="IpcProtocolException">The message has no such descriptor, or it was read before.</exception>
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

    /// <summary>Closes those that nobody took.</summary>
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
