namespace Multiprocess;

/// <summary>Who is at the other end of a connection, as the operating system says.</summary>
/// <param name="ProcessId">The peer's process id; 0 when unknown.</param>
/// <param name="UserId">The peer's effective user id; -1 when unknown.</param>
/// <param name="GroupId">The peer's effective group id; -1 when unknown.</param>
public sealed record IpcPeer(int ProcessId, long UserId, long GroupId);
