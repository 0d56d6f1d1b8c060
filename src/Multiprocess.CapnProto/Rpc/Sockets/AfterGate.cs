using Multiprocess.Threads;

namespace Multiprocess.CapnProto.Rpc.Sockets;

/// <summary>
/// What a thread does once it has left the gate: it writes the messages that it has posted, and wakes other threads.
/// </summary>
/// <remarks>
/// A thread enters before it takes the gate, and leaves after it. Without that, messages are written by the thread
/// pool, and threads are woken at once: both are right, and slower.
/// </remarks>
internal static class AfterGate
{
    [ThreadStatic]
    private static State? t_state;

    public static void Enter() => (t_state ??= new()).Depth++;

    /// <summary>Does what was collected. Outside the gate. Does not throw.</summary>
    /// <param name="mayWait">
    /// Whether this thread may wait for room in a socket: it waits for an answer next, or has no other caller to serve.
    /// </param>
    public static void Leave(bool mayWait)
    {
        State state = t_state!;
        if (--state.Depth > 0)
        {
            return;
        }

        while (state.Wakes.TryPop(out Parker? parker))
        {
            parker.Unpark();
        }

        while (state.Pumps.TryPop(out SocketPump? pump))
        {
            pump.Write(mayWait);
        }
    }

    /// <summary>Makes this thread write for a pump. Under the gate.</summary>
    /// <returns>False if this thread does not collect: another thread must write.</returns>
    public static bool TryWrite(SocketPump pump)
    {
        if (t_state is not { Depth: > 0 } state)
        {
            return false;
        }

        state.Pumps.Push(pump);
        return true;
    }

    /// <summary>Wakes a thread: after the gate if this thread collects, otherwise now.</summary>
    public static void Wake(Parker? parker)
    {
        if (parker is null)
        {
            return;
        }

        if (t_state is { Depth: > 0 } state)
        {
            state.Wakes.Push(parker);
        }
        else
        {
            parker.Unpark();
        }
    }

    private sealed class State
    {
        public int Depth { get; set; }

        public Stack<SocketPump> Pumps { get; } = new();

        public Stack<Parker> Wakes { get; } = new();
    }
}
