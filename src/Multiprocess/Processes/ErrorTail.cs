using System.Text;
using Multiprocess.Transports;

namespace Multiprocess.Processes;

/// <summary>Hands on what a child writes to standard error, and keeps the end of it for error messages.</summary>
/// <remarks>One background thread reads until the last process that holds the other end has ended. Thread-safe.</remarks>
internal sealed class ErrorTail
{
    private const int ReaderStackBytes = 128 * 1024;

    private readonly Stream _from;
    private readonly Stream _to;
    private readonly ManualResetEventSlim _ended = new();

    // Guards what follows: a ring, and how many bytes went through it.
    private readonly Lock _lock = new();
    private readonly byte[] _kept;
    private long _count;

    /// <param name="from">Read to its end, and disposed.</param>
    /// <param name="to">Where everything goes, and disposed; normally this process's own standard error.</param>
    /// <param name="bytes">How much to keep.</param>
    public ErrorTail(Stream from, Stream to, int bytes)
    {
        _from = from;
        _to = to;
        _kept = new byte[bytes];
        _ = BackgroundThread.Start(Relay, "child errors", ReaderStackBytes);
    }

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

    /// <summary>Waits until everything was read; a grandchild that lives on can keep the stream open.</summary>
    /// <returns>False when the time ran out.</returns>
    public bool WaitForEnd(TimeSpan limit) => _ended.Wait(limit);

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

        _ended.Set();
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
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
            // This process's own standard error is closed: the child must not stop because of that.
        }
    }
}
