using Multiprocess.Transports;

namespace Multiprocess.Threads;

/// <summary>The thread that reads when nobody waits: for calls and callbacks that come on an idle connection.</summary>
/// <remarks>
/// <para>Polling: blocked in a poll on the transport; on data it takes the role if it is free, hands out and gives it back.</para>
/// <para>Watching: others read in turns; looks every few milliseconds whether the role has been left free.</para>
/// <para>Asleep: somebody holds the role and keeps it; sleeps until a holder leaves without a successor.</para>
/// <para>
/// So an idle connection has one thread in a poll or in a read and uses no processor time, a burst of calls does not
/// touch the stand-by, and a caller that takes the role never has to interrupt somebody else's blocking read.
/// </para>
/// </remarks>
internal sealed class StandBy
{
    private const int TickMilliseconds = 4;
    private const int TicksUntilAsleep = 3;

    private readonly ReadingRole _role;
    private readonly ThreadMap _map;
    private readonly Transport _transport;
    private readonly RoutedWork _work = new();
    private readonly int _pauseMilliseconds;

    // Under the gate.
    private State _state = State.Polling;
    private Parker? _sleeper;
    private long _polls;

    // Of the stand-by's own thread.
    private long _seenEpoch;
    private int _ticksUnchanged;

    /// <param name="role">What it takes.</param>
    /// <param name="map">Whose gate guards it.</param>
    /// <param name="transport">Where it polls.</param>
    /// <param name="pauseMilliseconds">How long it does not read, at most, while too much waits to be run.</param>
    public StandBy(ReadingRole role, ThreadMap map, Transport transport, int pauseMilliseconds)
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

    /// <summary>The role is free and nobody is expected soon: polls at once. Under the gate; the result is to be woken outside it.</summary>
    public Parker? Poll()
    {
        Parker? sleeper = _state == State.Polling && !_map.Received.IsPaused ? null : _sleeper;
        _state = State.Polling;
        _polls++;
        return sleeper;
    }

    /// <summary>The role is free: sees to it that it does not stay so unnoticed. Under the gate; the result is to be woken outside it.</summary>
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
        lock (_map.Gate)
        {
            _sleeper = parker;
            _map.StandBy = parker;
        }

        // What came in one piece with the peer's Hello is in the buffer already, where no poll sees it.
        _role.ReadAsStandBy(_work);
        while (true)
        {
            State state;
            long polls;
            lock (_map.Gate)
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
    /// Waits while too much of the peer's waits to be run. From time to time a little is read all the same, as long as there
    /// is room for it: a Cancel or a Goodbye behind what waits is found late and not never.
    /// </summary>
    private void Pause(Parker parker)
    {
        long start = Environment.TickCount64;
        while (true)
        {
            bool isNearlyFull;
            lock (_map.Gate)
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
        lock (_map.Gate)
        {
            if (_polls != polls)
            {
                // Somebody left the role free and asked for a poll since.
                return;
            }

            _state = State.Watching;
            _seenEpoch = _role.Epoch;
            _ticksUnchanged = 0;
        }
    }

    private void Look()
    {
        lock (_map.Gate)
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
