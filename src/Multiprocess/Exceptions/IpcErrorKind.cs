namespace Multiprocess;

/// <summary>What went wrong with a call or a connection. Each member says whether the remote side may have run the call.</summary>
public enum IpcErrorKind
{
    /// <summary>The connection was lost or closed. The remote side may have run the call.</summary>
    Disconnected = 0,

    /// <summary>A time limit passed. The remote side may have run the call, or still be running it.</summary>
    TimedOut = 1,

    /// <summary>The method threw something that has no type on this side. The remote side ran the call.</summary>
    Remote = 2,

    /// <summary>The peer sent what the protocol does not allow, and the connection has ended. The remote side may have run the call.</summary>
    Protocol = 3,

    /// <summary>An argument could not be encoded. Nothing was sent: the remote side did not run the call.</summary>
    ArgumentNotEncoded = 4,

    /// <summary>The result could not be encoded. The remote side ran the call.</summary>
    ResultNotEncoded = 5,

    /// <summary>The peer's contract has no such method: it is of another version. The call was not run.</summary>
    MethodMissing = 6,

    /// <summary>A limit of this side or of the peer was exceeded. The call was not run.</summary>
    LimitExceeded = 7,

    /// <summary>
    /// The peer refused the connection: another user, another contract, or another protocol version. Or this side did, because
    /// nothing can be recorded where the options want it. Nothing was run.
    /// </summary>
    Refused = 8,

    /// <summary>
    /// A value was understood but could not be accepted: an enum's value that is not defined there, what a converter or a
    /// constructor refuses. The call was not run, unless the message says that it ran and its result cannot be read.
    /// </summary>
    ArgumentNotDecoded = 9,

    /// <summary>The process could not be started, or ended before it served. Nothing was run.</summary>
    SpawnFailed = 10,

    /// <summary>The address cannot be listened on: somebody serves it, something else is in the way, or it may not be written. Nothing was run.</summary>
    AddressUnavailable = 11,

    /// <summary>The two sides have different versions of what the method carries, and one would misread the other. The call was not run, unless the message says that it ran and its result cannot be read.</summary>
    VersionMismatch = 12,
}
