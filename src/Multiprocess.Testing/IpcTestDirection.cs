using Multiprocess.Framing;
using Multiprocess.Incoming;
using Multiprocess.Messages;
using Multiprocess.Transports;
using Multiprocess.Transports.Tls;

namespace Multiprocess;

/// <summary>Faults in one direction of a test pair. Thread-safe; a setting takes effect with the next send.</summary>
/// <remarks>Bytes are never lost, changed or reordered: that would be a broken stream, not a fault of a peer.</remarks>
/// <example>
/// The connection is lost in the middle of the answer:
/// <code>
/// pair.Faults.ServerToClient.CutAfterBytes(3);
/// Assert.Throws&lt;IpcDisconnectedException&gt;(() =&gt; pair.Root.Add(1, 2));
/// </code>
/// The connection is lost right after the answer:
/// <code>
/// pair.Faults.ServerToClient.CutAfterFrames(1);
/// Assert.That(pair.Root.Add(1, 2), Is.EqualTo(3));
/// Assert.Throws&lt;IpcDisconnectedException&gt;(() =&gt; pair.Root.Add(1, 2));
/// </code>
/// All bytes arrive one at a time:
/// <code>pair.Faults.ClientToServer.Fragment();</code>
/// The answer takes two seconds of a clock that the test controls:
/// <code>
/// pair.Faults.ServerToClient.Delay(TimeSpan.FromSeconds(2), time);
/// Task&lt;int&gt; sum = pair.Root.AddSlowlyAsync(1, 2);
/// time.Advance(TimeSpan.FromSeconds(2));
/// </code>
/// The receiver stops reading for a while, and sent bytes accumulate:
/// <code>
/// pair.Faults.ClientToServer.Stall();
/// pair.Root.Log("waits to be sent");
/// pair.Faults.ClientToServer.Resume();
/// </code>
/// </example>
public sealed class IpcTestDirection
{
    private readonly Lock _lock = new();
    private readonly ManualResetEventSlim _flowing = new(initialState: true);
    private Transport? _transport;
    private FrameCursor _cursor;
    private long _cutAt = long.MaxValue;
    private long _cutAtFrame = long.MaxValue;
    private bool _fragment;
    private bool _isStalled;
    private TimeSpan _delay;
    private TimeProvider? _time;
    private ITimer? _timer;
    private bool _isDue;

    internal IpcTestDirection()
    {
    }

    /// <summary>The number of bytes sent so far.</summary>
    public long SentBytes
    {
        get
        {
            lock (_lock)
            {
                return field;
            }
        }
        private set;
    }

    /// <summary>The number of complete messages sent so far, including the Hello.</summary>
    public long SentFrames
    {
        get
        {
            lock (_lock)
            {
                return field;
            }
        }
        private set;
    }

    /// <summary>Cuts the connection after this many more bytes, even in the middle of a message.</summary>
    public void CutAfterBytes(long bytes)
    {
        lock (_lock)
        {
            _cutAt = SentBytes + bytes;
        }

        if (bytes <= 0)
        {
            _transport?.Close();
        }
    }

    /// <summary>Cuts the connection after this many more complete messages.</summary>
    public void CutAfterFrames(long frames)
    {
        lock (_lock)
        {
            _cutAtFrame = SentFrames + frames;
        }

        if (frames <= 0)
        {
            _transport?.Close();
        }
    }

    /// <summary>Sends one byte at a time from now on; false ends this.</summary>
    public void Fragment(bool on = true)
    {
        lock (_lock)
        {
            _fragment = on;
        }
    }

    /// <summary>
    /// Delays each send by this time, measured by the given clock; <see cref="TimeSpan.Zero"/> ends this. No thread
    /// sleeps: with a clock that the test controls, the send waits until the test has advanced the clock.
    /// </summary>
    public void Delay(TimeSpan delay, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        lock (_lock)
        {
            _delay = delay;
            _time = time ?? TimeProvider.System;
            _isDue = false;
            _timer?.Dispose();
            _timer = null;
            Update();
        }
    }

    /// <summary>Accepts no more bytes, as if the receiver had stopped, until <see cref="Resume"/>.</summary>
    public void Stall()
    {
        lock (_lock)
        {
            _isStalled = true;
            Update();
        }
    }

    /// <summary>Ends a <see cref="Stall"/>.</summary>
    public void Resume()
    {
        lock (_lock)
        {
            _isStalled = false;
            Update();
        }
    }

    internal Transport Wrap(Transport transport)
    {
        _transport = transport;
        return new FaultyTransport(transport, this);
    }

    /// <summary>The connection is closed: ends all waits.</summary>
    internal void Close()
    {
        Delay(TimeSpan.Zero);
        Resume();
    }

    /// <summary>
    /// Sends as much as is allowed now; returns <see cref="Transport.WouldBlock"/> while nothing may be sent.
    /// </summary>
    /// <param name="inner">The transport to send with.</param>
    /// <param name="first">The first bytes.</param>
    /// <param name="second">The bytes after <paramref name="first"/>.</param>
    /// <param name="isCutNow">Whether the connection must be cut after these bytes.</param>
    /// <exception cref="IOException">The connection was already cut.</exception>
    internal int Send(Transport inner, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, out bool isCutNow)
    {
        // Under one lock: a thread that has received the bytes also sees them counted.
        lock (_lock)
        {
            isCutNow = false;
            if (IsCut)
            {
                throw new IOException("The test has cut the connection.");
            }

            if (_isStalled || !IsDue())
            {
                return Transport.WouldBlock;
            }

            int allowed = Admit(first, second);
            int ofFirst = Math.Min(first.Length, allowed);
            int sent = inner.TrySend(first[..ofFirst], second[..(allowed - ofFirst)]);
            if (sent > 0)
            {
                Count(first, second, sent);
                isCutNow = IsCut;
            }

            return sent;
        }
    }

    private int Admit(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        long allowed = Math.Min(first.Length + second.Length, _cutAt - SentBytes);
        allowed = Math.Min(allowed, UpToCutFrame(first, second));
        return (int)(_fragment ? Math.Min(1, allowed) : allowed);
    }

    private void Count(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, int bytes)
    {
        SentBytes += bytes;
        int ofFirst = Math.Min(bytes, first.Length);
        SentFrames += Pass(ref _cursor, first[..ofFirst]) + Pass(ref _cursor, second[..(bytes - ofFirst)]);
        if (_delay > TimeSpan.Zero)
        {
            _isDue = false;
            Update();
        }
    }

    internal bool WaitUntilFlowing(int milliseconds) => _flowing.Wait(milliseconds);

    private bool IsCut => SentBytes >= _cutAt || SentFrames >= _cutAtFrame;

    private static int Pass(ref FrameCursor cursor, ReadOnlySpan<byte> bytes)
    {
        int frames = 0;
        while (!bytes.IsEmpty)
        {
            bytes = bytes[cursor.Advance(bytes, out bool isAtEnd)..];
            frames += isAtEnd ? 1 : 0;
        }

        return frames;
    }

    /// <summary>The number of bytes up to the end of the last message that may still be sent.</summary>
    private long UpToCutFrame(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if (_cutAtFrame == long.MaxValue)
        {
            return long.MaxValue;
        }

        FrameCursor ahead = _cursor;
        long frames = SentFrames;
        long bytes = 0;
        ReadOnlySpan<byte> rest = first;
        while (frames < _cutAtFrame)
        {
            if (rest.IsEmpty)
            {
                if (second.IsEmpty)
                {
                    break;
                }

                rest = second;
                second = default;
            }

            int taken = ahead.Advance(rest, out bool isAtEnd);
            rest = rest[taken..];
            bytes += taken;
            frames += isAtEnd ? 1 : 0;
        }

        return bytes;
    }

    /// <summary>Whether the send has waited long enough. Starts the wait.</summary>
    private bool IsDue()
    {
        if (_delay == TimeSpan.Zero || _isDue)
        {
            return true;
        }

        _timer ??= _time!.CreateTimer(_ => Due(), null, _delay, Timeout.InfiniteTimeSpan);
        return false;
    }

    private void Due()
    {
        lock (_lock)
        {
            _timer?.Dispose();
            _timer = null;
            _isDue = true;
            Update();
        }
    }

    private void Update()
    {
        if (!_isStalled && (_delay == TimeSpan.Zero || _isDue))
        {
            _flowing.Set();
        }
        else
        {
            _flowing.Reset();
        }
    }
}
