using System.ComponentModel;
using System.Text;
using Multiprocess.Locks;
using Multiprocess.Transports;

namespace Multiprocess.Processes;

/// <summary>
/// Copies one of a child's standard streams to its destination, and keeps the end of it for error messages.
/// </summary>
/// <remarks>
/// One background thread reads until the last process that holds the other end has ended. Thread-safe.
/// </remarks>
internal sealed class ChildOutput
{
    private const int ReaderStackBytes = 128 * 1024;

    private readonly Stream _from;
    private readonly Stream _to;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guards the fields below: a ring buffer, and the number of bytes written to it.
    private readonly Lock _lock = new();
    private readonly byte[] _kept;
    private long _count;

    /// <param name="from">The child's stream: read to its end, and then disposed.</param>
    /// <param name="to">
    /// The destination, disposed at the end: this process's own stream, or the application's lines.
    /// </param>
    /// <param name="bytes">How many bytes to keep; 0 for none.</param>
    public ChildOutput(Stream from, Stream to, int bytes)
    {
        _from = from;
        _to = to;
        _kept = new byte[bytes];
        try
        {
            // The application's own code receives the lines, and may need a larger stack than copying does.
            _ = BackgroundThread.Start(Relay, "child output", to is LineStream ? 0 : ReaderStackBytes);
        }
        catch (OutOfMemoryException)
        {
            from.Dispose();
            to.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Completes when everything was read and copied; a grandchild that is still running can keep the stream open.
    /// Never fails.
    /// </summary>
    public Task Ended => _ended.Task;

    /// <summary>The last lines, as text without control characters.</summary>
    public string Text
    {
        get
        {
            byte[] bytes;
            using (Uninterruptible.Enter(_lock))
            {
                int length = (int)Math.Min(_count, _kept.Length);
                bytes = new byte[length];
                for (int i = 0; i < length; i++)
                {
                    bytes[i] = _kept[(_count - length + i) % _kept.Length];
                }
            }

            return IpcText.EscapeLines(Encoding.UTF8.GetString(bytes).Trim());
        }
    }

    /// <summary>Waits for <see cref="Ended"/>.</summary>
    /// <returns>False when the time ran out.</returns>
    public bool WaitForEnd(TimeSpan limit) => Uninterruptible.Wait(_ended.Task, limit);

    private void Relay()
    {
        byte[] buffer = new byte[1024];
        try
        {
            using (_from)
            using (_to)
            {
                int count;
                while ((count = _from.Read(buffer)) > 0)
                {
                    Keep(buffer.AsSpan(0, count));
                    HandOn(buffer.AsSpan(0, count));
                }
            }
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // The end of the stream, as far as this side can know.
        }

        _ = _ended.TrySetResult();
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_kept.Length == 0)
        {
            return;
        }

        using (Uninterruptible.Enter(_lock))
        {
            foreach (byte one in bytes)
            {
                _kept[_count++ % _kept.Length] = one;
            }
        }
    }

    private void HandOn(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _to.Write(bytes);
            _to.Flush();
        }
        catch (Exception failure)
            when (failure is IOException or ObjectDisposedException or Win32Exception or OutOfMemoryException)
        {
            // This process's own stream is closed, or the system provides no descriptor or thread for the console,
            // which is created with the first write. Neither the child nor this process must stop because of that.
        }
    }
}
