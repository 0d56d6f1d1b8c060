using Multiprocess.Threads;
using Multiprocess.Transports;

namespace Multiprocess.CapnProto.Rpc.Sockets;

/// <summary>The thread that reads a connection while no other thread waits there.</summary>
/// <remarks>
/// <para>Polling: it polls the socket; when it sees data and the role is free, it reads once.</para>
/// <para>Watching: other threads read in turns; it checks every few milliseconds whether the role stays free.</para>
/// <para>Asleep: one thread keeps the role; it sleeps until a holder leaves.</para>
/// So an idle connection has one thread in a poll, and calls one after the other do not involve the stand-by.
/// </remarks>
internal sealed class StandBy(SocketReadingRole role, Transport transport)
{
    private const int TickMilliseconds = 4;
    private const int TicksUntilAsleep = 3;

    // Under the gate.
    private State _state = State.Polling;
    private Parker? _sleeper;
    private long _polls;

    // Own thread only.
    private long _seenEpoch;
    private int _ticksUnchanged;

    private enum State
    {
        Polling,
        Watching,
        Asleep,
    }

    public void Start() => BackgroundThread.StartForPeer(Run, "capnp stand-by");

    /// <summary>
    /// Makes the stand-by poll at once, because no thread is expected to read soon. Under the gate; the caller wakes
    /// the result.
    /// </summary>
    public Parker? Poll()
    {
        Parker? sleeper = _state == State.Polling ? null : _sleeper;
        _state = State.Polling;
        _polls++;
        return sleeper;
    }

    /// <summary>
    /// Makes sure that a free role does not stay unnoticed. Under the gate; the caller wakes the result.
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
        while (true)
        {
            State state;
            long polls;
            lock (Gate.Lock)
            {
                if (role.IsOver)
                {
                    return;
                }

                _sleeper = parker;
                state = _state;
                polls = _polls;
            }

            switch (state)
            {
                case State.Polling:
                    if (transport.WaitToReceive(Timeout.Infinite) && !role.ReadAsStandBy())
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

    private void BeginToWatch(long polls)
    {
        lock (Gate.Lock)
        {
            if (_polls != polls)
            {
                return; // Meanwhile a thread left the role free and asked for a poll.
            }

            _state = State.Watching;
            _seenEpoch = role.Epoch;
            _ticksUnchanged = 0;
        }
    }

    private void Look()
    {
        lock (Gate.Lock)
        {
            if (_state != State.Watching)
            {
                return;
            }

            if (_seenEpoch != role.Epoch)
            {
                _seenEpoch = role.Epoch;
                _ticksUnchanged = 0;
            }
            else if (role.IsFree)
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
