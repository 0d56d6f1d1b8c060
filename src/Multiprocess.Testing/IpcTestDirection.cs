using Multiprocess.Transports;

namespace Multiprocess;

/// <summary>Faults in one direction of a test pair. Thread-safe; a setting holds from the next send on.</summary>
public sealed class IpcTestDirection
{
    private readonly Lock _lock = new();
    private readonly ManualResetEventSlim _flowing = new(initialState: true);
    private Transport? _transport;
    private long _cutAt = long.MaxValue;
    private bool _fragment;

    internal IpcTestDirection()
    {
    }

    /// <summary>How many bytes were sent so far.</summary>
    public long SentBytes { get; private set; }

    /// <summary>Cuts the connection once this many more bytes were sent, in the middle of a message if it falls there.</summary>
    public void CutAfterBytes(long bytes)
    {
        bool now;
        lock (_lock)
        {
            _cutAt = SentBytes + bytes;
            now = bytes <= 0;
        }

        if (now)
        {
            _transport?.Close();
        }
    }

    /// <summary>Sends one byte at a time from now on, or no longer.</summary>
    public void Fragment(bool on = true)
    {
        lock (_lock)
        {
            _fragment = on;
        }
    }

    /// <summary>Takes no more bytes, as if the receiver had stopped, until <see cref="Resume"/>.</summary>
    public void Stall() => _flowing.Reset();

    /// <summary>Ends a <see cref="Stall"/>.</summary>
    public void Resume() => _flowing.Set();

    internal Transport Wrap(Transport transport)
    {
        _transport = transport;
        return new FaultyTransport(transport, this);
    }

    /// <summary>How many of <paramref name="wanted"/> bytes may be sent now; 0 while stalled; -1 once the connection was cut.</summary>
    internal int Admit(int wanted)
    {
        lock (_lock)
        {
            if (SentBytes >= _cutAt)
            {
                return -1;
            }

            long allowed = Math.Min(wanted, _cutAt - SentBytes);
            return !_flowing.IsSet ? 0 : (int)(_fragment ? Math.Min(1, allowed) : allowed);
        }
    }

    /// <summary>Notes what was sent; true when the connection is to be cut now.</summary>
    internal bool Sent(int bytes)
    {
        lock (_lock)
        {
            SentBytes += bytes;
            return SentBytes >= _cutAt;
        }
    }

    internal bool WaitUntilFlowing(int milliseconds) => _flowing.Wait(milliseconds);
}
