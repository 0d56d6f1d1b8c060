using Multiprocess.Locks;
using Multiprocess.Transports;

namespace Multiprocess.Threads;

/// <summary>
/// The thread that reads when no thread waits: for calls and callbacks that come on an idle connection.
/// </summary>
/// <remarks>
/// <para>
/// While it polls, it is blocked on the transport. On data it takes the role if it is free, routes the messages and
/// gives the role back. <see cref="StandByState"/> says when it polls, watches or sleeps.
/// </para>
/// <para>
/// So an idle connection has one thread in a poll or in a read and uses no processor time, a burst of calls does not
/// involve the stand-by, and a caller that takes the role never has to interrupt another thread's blocking read.
/// </para>
/// </remarks>
internal sealed class StandByReader
{
    private readonly ReadingRole _role;
    private readonly ThreadMap _map;
    private readonly Transport _transport;
    private readonly RoutedWork _work = new();
    private readonly int _pauseMilliseconds;

    // Guarded by the gate.
    private readonly StandByState _state = new();
    private Parker? _sleeper;

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

    public void Start()
        => BackgroundThread.StartForPeer(Run, "ipc stand-by");

    /// <summary>
    /// Makes the stand-by poll at once, because the role is free and no thread is expected soon. Under the gate; the
    /// caller wakes the result outside it.
    /// </summary>
    public Parker? Poll() => _state.Poll() || _map.Received.IsPaused ? _sleeper : null;

    /// <summary>
    /// Makes sure that a free role does not stay unnoticed. Under the gate; the caller wakes the result outside it.
    /// </summary>
    public Parker? Watch() => _state.Watch() ? _sleeper : null;

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
            StandByState.Kind state;
            long polls;
            using (Uninterruptible.Enter(_map.Gate))
            {
                if (_map.IsClosed)
                {
                    return;
                }

                state = _state.Now;
                polls = _state.Polls;
            }

            switch (state)
            {
                case StandByState.Kind.Polling:
                    Pause(parker);
                    if (_transport.WaitToReceive(Timeout.Infinite) && !_role.ReadAsStandBy(_work))
                    {
                        using (Uninterruptible.Enter(_map.Gate))
                        {
                            _state.BeginToWatch(polls, _role.Epoch);
                        }
                    }

                    break;
                case StandByState.Kind.Watching:
                    parker.Park(StandByState.TickMilliseconds);
                    using (Uninterruptible.Enter(_map.Gate))
                    {
                        _state.Look(_role.Epoch, _role.IsFree);
                    }

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
}
