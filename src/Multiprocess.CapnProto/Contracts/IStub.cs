using Multiprocess.CapnProto.Generated;
using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.CapnProto.Contracts;

/// <summary>A stub of any contract.</summary>
internal interface IStub
{
    object TargetObject { get; }

    /// <summary>Posts a call to the thread that it names. Under the gate.</summary>
    /// <returns>False if the call must take its turn in the queue of the object.</returns>
    bool TryPost(CapnpCall call);

    /// <summary>Runs a synchronous method on the calling thread.</summary>
    void RunHere(CapnpIncomingCall call);
}
