using Multiprocess.Threads;
using Multiprocess.Transports;

namespace Multiprocess.CapnProto.Rpc.Sockets;

/// <summary>The thread that reads a connection while no other thread waits there.</summary>
/// <remarks>
/// While it polls and sees data, it reads once if the role is free. <see cref="StandByState"/> says when it polls,
/// watches or sleeps. So an idle connection has one thread in a poll, and calls one after the other do not involve the
/// stand-by.
/// </remarks>
internal sealed class StandBy(SocketReadingRole role, Transport transport)
{
    // Under the gate.
    private readonly StandByState _state = new();
    private Parker? _sleeper;

    public void Start() => BackgroundThread.StartForPeer(Run, "capnp stand-by");

    /// <summary>
    /// Makes the stand-by poll at once, because no thread is expected to read soon. Under the gate; the caller wakes
    /// the result.
    /// </summary>
    public Parker? Poll() => _state.Poll() ? _sleeper : null;

    /// <summary>
    /// Makes sure that a free role does not stay unnoticed. Under the gate; the caller wakes the result.
    /// </summary>
    public Parker? Watch() => _state.Watch() ? _sleeper : null;

    private void Run()
    {
        Parker parker = Parker.Current;
        while (true)
        {
            StandByState.Kind state;
            long polls;
            lock (Gate.Lock)
            {
                if (role.IsOver)
                {
                    return;
                }

                _sleeper = parker;
                state = _state.Now;
                polls = _state.Polls;
            }

            switch (state)
            {
                case StandByState.Kind.Polling:
                    if (transport.WaitToReceive(Timeout.Infinite) && !role.ReadAsStandBy())
                    {
                        lock (Gate.Lock)
                        {
                            _state.BeginToWatch(polls, role.Epoch);
                        }
                    }

                    break;
                case StandByState.Kind.Watching:
                    parker.Park(StandByState.TickMilliseconds);
                    lock (Gate.Lock)
                    {
                        _state.Look(role.Epoch, role.IsFree);
                    }

                    break;
                default:
                    parker.Park();
                    break;
            }
        }
    }
}
