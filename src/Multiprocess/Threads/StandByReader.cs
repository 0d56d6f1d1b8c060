using Multiprocess.Locks;
using Multiprocess.Transports;

namespace Multiprocess.Threads;

/// <summary>
/// The thread that reads when no thread waits: for calls and callbacks that come on an idle connection.
/// </summary>
/// <remarks>
/// <para>
/// Polling: blocked in a poll on the transport. On data it takes the role if it is free, routes the messages and gives
/// the role back.
/// </para>
/// <para>Watching: other threads read in turns; it checks every few milliseconds whether the role stays free.</para>
/// <para>Asleep: one thread keeps the role; it sleeps until a holder leaves without a successor.</para>
/// <para>
/// So an idle connection has one thread in a poll or in a read and uses no processor time, a burst of calls does not
/// involve the stand-by, and a caller that takes the role never has to interrupt another thread's blocking read.
/// </para>
/// </remarks>
internal sealed class StandByReader
{
    private const int TickMilliseconds = 4;
    private const int TicksUntilAsleep = 3;

    private readonly ReadingRole _role;
    private readonly ThreadMap _map;
    private readonly Transport _transport;
    private readonly RoutedWork _work = new();
    private readonly int _pauseMilliseconds;

    // Guarded by the gate.
    private State _state = State.Polling;
    private Parker? _sleeper;
    private long _polls;

    // Stand-by's thread only.
    private long _seenEpoch;
    private int _ticksUnchanged;

    /// <param name="role">The role that the stand-by takes.</param>
    /// <param name="map">The map whose gate guards the stand-by.</param>
    /// <param name="transport">The transport to poll.</param>
    /// <param name="pauseMilliseconds">
    /// Longest time without a read while too much waits to be run, in milliseconds.
    /// </param>
    public StandByReader(ReadingRole role, ThreadMap map, Transport transport, int pauseMilliseconds)
    {
        _pauseMilliseconds = pauseMilliseconds;
        _role = role;
        _map = map;
        _transport = transport;
    }

    private enum State
    {
        Polling,
        Watching,
        Asleep,
    }

    public void Start()
        => BackgroundThread.StartForPeer(Run, "ipc stand-by");

    /// <summary>
    /// Makes the stand-by poll at once, because the role is free and no thread is expected soon. Under the gate; the
    /// caller wakes the result outside it.
    /// </summary>
    public Parker? Poll()
    {
        Parker? sleeper = _state == State.Polling && !_map.Received.IsPaused ? null : _sleeper;
        _state = State.Polling;
        _polls++;
        return sleeper;
    }

    /// <summary>
    /// Makes sure that a free role does not stay unnoticed. Under the gate; the caller wakes the result outside it.
    /// </summary>
    public Parker? Watch()
    {
        if (_state != State.Asleep)
        {
            return null;
        }

        _state = State.Watching;
        return _sleeper;
    }

    private void Run()
    {
        Parker parker = Parker.Current;
        using (Uninterruptible.Enter(_map.Gate))
        {
            _sleeper = parker;
            _map.StandBy = parker;
        }

        // Data that came together with the peer's Hello is already in the buffer, where no poll sees it.
        _role.ReadAsStandBy(_work);
        while (true)
        {
            State state;
            long polls;
            using (Uninterruptible.Enter(_map.Gate))
            {
                if (_map.IsClosed)
                {
                    return;
                }

                state = _state;
                polls = _polls;
            }

            switch (state)
            {
                case State.Polling:
                    Pause(parker);
                    if (_transport.WaitToReceive(Timeout.Infinite) && !_role.ReadAsStandBy(_work))
                    {
                        BeginToWatch(polls);
                    }

                    break;
                case State.Watching:
                    parker.Park(TickMilliseconds);
                    Look();
                    break;
                default:
                    parker.Park();
                    break;
            }
        }
    }

    /// <summary>
    /// Waits while too many bytes of the peer wait to be run. While there is room, a few bytes are read now and then.
    /// So a Cancel or Goodbye behind the waiting messages is found late, but it is found.
    /// </summary>
    private void Pause(Parker parker)
    {
        long start = Environment.TickCount64;
        while (true)
        {
            bool isNearlyFull;
            using (Uninterruptible.Enter(_map.Gate))
            {
                _map.Received.IsPaused = _map.MayPause;
                if (!_map.Received.IsPaused)
                {
                    return;
                }

                isNearlyFull = _map.Received.IsNearlyFull;
            }

            long left = start + _pauseMilliseconds - Environment.TickCount64;
            if (_transport.PeerHasClosed == true || (left <= 0 && !isNearlyFull))
            {
                return;
            }

            parker.Park(left > 0 ? (int)left : _pauseMilliseconds);
        }
    }

    private void BeginToWatch(long polls)
    {
        using (Uninterruptible.Enter(_map.Gate))
        {
            if (_polls != polls)
            {
                // Meanwhile a thread left the role free and asked for a poll.
                return;
            }

            _state = State.Watching;
            _seenEpoch = _role.Epoch;
            _ticksUnchanged = 0;
        }
    }

    private void Look()
    {
        using (Uninterruptible.Enter(_map.Gate))
        {
            if (_state != State.Watching)
            {
                return;
            }

            if (_seenEpoch != _role.Epoch)
            {
                _seenEpoch = _role.Epoch;
                _ticksUnchanged = 0;
            }
            else if (_role.IsFree)
            {
                _state = State.Polling;
            }
            else if (++_ticksUnchanged >= TicksUntilAsleep)
            {
                _state = State.Asleep;
            }
        }
    }
}
