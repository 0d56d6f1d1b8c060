namespace Multiprocess.CapnProto.Rpc;

/// <summary>What an exception of Cap'n Proto says about a call. The values are those on the wire.</summary>
public enum CapnpExceptionType
{
    /// <summary>The call failed, and would most likely fail again. The remote side may have run it.</summary>
    Failed = 0,

    /// <summary>The remote side is overloaded. It has not run the call.</summary>
    Overloaded = 1,

    /// <summary>The call needed a connection that was lost. The remote side may have run the call.</summary>
    Disconnected = 2,

    /// <summary>The object has no such method. The remote side has not run the call.</summary>
    Unimplemented = 3,
}
