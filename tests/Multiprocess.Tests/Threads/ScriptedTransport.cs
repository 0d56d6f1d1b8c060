using Multiprocess.Transports;

namespace Multiprocess.Tests.Threads;

/// <summary>A transport whose bytes the test delivers, and which says who is blocked in it.</summary>
/// <remarks>
/// Thread-safe. <see cref="Disturb"/> is called at the points where another thread could come between.
/// </remarks>
internal sealed class ScriptedTransport : Transport
{
    private readonly object _lock = new();
    private readonly Queue<byte> _bytes = new();
    private bool _closed;
    private int _receivers;

    public override string Description => "scripted";

    public override IpcPeer Peer { get; } = PeerCredentials.Own();

    public override bool CanWaitBesideReceiver => true;

    /// <summary>Runs before and after each call.</summary>
    public Action Disturb { get; init; } = () => { };

    /// <summary>Receives only so many bytes at once.</summary>
    public int MostAtOnce { get; init; } = int.MaxValue;

    public bool HasBlockedReceiver
    {
        get
        {
            lock (_lock)
            {
                return _receivers > 0;
            }
        }
    }

    /// <summary>How many bytes nobody has received yet.</summary>
    public int Left
    {
        get
        {
            lock (_lock)
            {
                return _bytes.Count;
            }
        }
    }

    public void Deliver(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            foreach (byte each in bytes)
            {
                _bytes.Enqueue(each);
            }

            Monitor.PulseAll(_lock);
        }
    }

    public override int TryReceive(Span<byte> buffer)
    {
        Disturb();
        int received;
        lock (_lock)
        {
            received = Take(buffer);
        }

        Disturb();
        return received;
    }

    public override int Receive(Span<byte> buffer)
    {
        Disturb();
        int received;
        lock (_lock)
        {
            while ((received = Take(buffer)) == WouldBlock)
            {
                _receivers++;
                Monitor.Wait(_lock);
                _receivers--;
            }
        }

        Disturb();
        return received;
    }

    public override bool WaitToReceive(int milliseconds)
    {
        Disturb();
        lock (_lock)
        {
            while (_bytes.Count == 0 && !_closed)
            {
                if (!Monitor.Wait(_lock, milliseconds))
                {
                    return false;
                }
            }
        }

        Disturb();
        return true;
    }

    public override int TrySend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => first.Length + second.Length;

    public override bool WaitToSend(int milliseconds) => true;

    public override void Close()
    {
        lock (_lock)
        {
            _closed = true;
            Monitor.PulseAll(_lock);
        }
    }

    public override void Dispose() => Close();

    private int Take(Span<byte> buffer)
    {
        if (_closed)
        {
            return 0;
        }

        int count = Math.Min(Math.Min(buffer.Length, MostAtOnce), _bytes.Count);
        for (int i = 0; i < count; i++)
        {
            buffer[i] = _bytes.Dequeue();
        }

        return count == 0 ? WouldBlock : count;
    }
}
