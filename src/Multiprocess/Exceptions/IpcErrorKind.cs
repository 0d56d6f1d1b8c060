namespace Multiprocess;

/// <summary>
/// What went wrong with a call or a connection. Each member says whether the remote side may have run the call.
/// </summary>
public enum IpcErrorKind
{
    /// <summary>The connection was lost or closed. The remote side may have run the call.</summary>
    Disconnected = 0,

    /// <summary>A timeout expired. The remote side may have run the call, or may still be running it.</summary>
    TimedOut = 1,

    /// <summary>
    /// The method threw an exception whose type this side does not have. The remote side ran the call.
    /// </summary>
    Remote = 2,

    /// <summary>
    /// The peer violated the protocol, and the connection has ended. The remote side may have run the call.
    /// </summary>
    Protocol = 3,

    /// <summary>An argument could not be encoded. Nothing was sent: the remote side did not run the call.</summary>
    ArgumentNotEncoded = 4,

    /// <summary>The result could not be encoded. The remote side ran the call.</summary>
    ResultNotEncoded = 5,

    /// <summary>The peer's contract has no such method, because it has another version. The call was not run.</summary>
    MethodMissing = 6,

    /// <summary>A limit of this side or of the peer was exceeded. The call was not run.</summary>
    LimitExceeded = 7,

    /// <summary>
    /// The peer refused the connection: another user, another contract, or another protocol version. Or this side
    /// refused it, because recording, which the options request, is not possible. No call was run.
    /// </summary>
    Refused = 8,

    /// <summary>
    /// A value was decoded but not accepted: for example an undefined enum value, or a value that a converter or a
    /// constructor rejected. The call was not run, unless the message says that it ran and its result cannot be read.
    /// </summary>
    ArgumentNotDecoded = 9,

    /// <summary>The process could not be started, or ended before it served. No call was run.</summary>
    SpawnFailed = 10,

    /// <summary>
    /// The server cannot listen at the address: another server does, something else is in the way, or access is denied.
    /// No call was run.
    /// </summary>
    AddressUnavailable = 11,

    /// <summary>
    /// The two sides have different, incompatible versions of the types of the method. The call was not run, unless the
    /// message says that it ran and its result cannot be read.
    /// </summary>
    VersionMismatch = 12,
}
