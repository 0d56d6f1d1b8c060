using Multiprocess.CapnProto.Rpc.Sockets;
using Multiprocess.Threads;

namespace Multiprocess.CapnProto.Threads;

/// <summary>A call that is to be run by a certain thread. Exactly one of both methods is called.</summary>
internal abstract class ThreadWork
{
    /// <summary>Runs the call, and does not throw. Own thread, outside the gate.</summary>
    public abstract void Run();

    /// <summary>Answers the call with the exception. May be called under the gate.</summary>
    public abstract void Refuse(Exception reason);

    /// <summary>How long calls of this kind keep a thread; null if that is not known. Under the gate.</summary>
    public virtual TimeAway? TimeIn(SocketReadingRole role) => null;
}

/// <summary>A call as two actions.</summary>
internal sealed class ActionWork(Action run, Action<Exception> refuse) : ThreadWork
{
    public override void Run() => run();

    public override void Refuse(Exception reason) => refuse(reason);
}
