using System.Text;
using Multiprocess.Transports;

namespace Multiprocess.Processes;

/// <summary>Hands on what a child writes to one of its standard streams, and keeps the end of it for error messages.</summary>
/// <remarks>One background thread reads until the last process that holds the other end has ended. Thread-safe.</remarks>
internal sealed class ChildOutput
{
    private const int ReaderStackBytes = 128 * 1024;

    private readonly Stream _from;
    private readonly Stream _to;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guards what follows: a ring, and how many bytes went through it.
    private readonly Lock _lock = new();
    private readonly byte[] _kept;
    private long _count;

    /// <param name="from">Read to its end, and disposed.</param>
    /// <param name="to">Where everything goes, and disposed: this process's own stream, or the application's lines.</param>
    /// <param name="bytes">How much to keep; 0 for nothing.</param>
    public ChildOutput(Stream from, Stream to, int bytes)
    {
        _from = from;
        _to = to;
        _kept = new byte[bytes];
        // An application's lines are taken by its own code, which may need more than the relay does.
        _ = BackgroundThread.Start(Relay, "child output", to is LineStream ? 0 : ReaderStackBytes);
    }

    /// <summary>Ends when everything was read and handed on; a grandchild that lives on can keep the stream open. Never fails.</summary>
    public Task Ended => _ended.Task;

    /// <summary>The last lines, as text without control characters.</summary>
    public string Text
    {
        get
        {
            byte[] bytes;
            lock (_lock)
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
    public bool WaitForEnd(TimeSpan limit) => _ended.Task.Wait(limit);

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
            // The end, as far as this side can know it.
        }

        _ = _ended.TrySetResult();
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_kept.Length == 0)
        {
            return;
        }

        lock (_lock)
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
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // This process's own stream is closed: the child must not stop because of that.
        }
    }
}
