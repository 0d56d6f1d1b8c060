using Microsoft.Extensions.Logging;

namespace Multiprocess.Hosting.Logging;

/// <summary>
/// The log entries of this package itself, in the category <see cref="Category"/>. docs/hosting.md lists them.
/// </summary>
internal static partial class HostingLog
{
    /// <summary>The category.</summary>
    public const string Category = "Multiprocess.Hosting";

    /// <summary>The id of the event that says how many records were dropped.</summary>
    public const int RecordsDroppedId = 63;

    [LoggerMessage(50, LogLevel.Information, "The server {Server} listens at {Address}.")]
    public static partial void Listening(ILogger logger, string server, string address);

    [LoggerMessage(
        51,
        LogLevel.Warning,
        "The server {Server} at {Address} did not drain within the host's shutdown time-out; its connections were ended.")]
    public static partial void Aborted(ILogger logger, string server, string address);

    [LoggerMessage(52, LogLevel.Error, "The scope of a connection could not be disposed.")]
    public static partial void ScopeFailed(ILogger logger, Exception exception);

    [LoggerMessage(53, LogLevel.Information, "The client {Client} is connected to {Address}.")]
    public static partial void ClientConnected(ILogger logger, string client, string address);

    [LoggerMessage(54, LogLevel.Warning, "The client {Client} has lost its connection to {Address}: {Reason}")]
    public static partial void ClientLost(ILogger logger, string client, string address, string reason);

    [LoggerMessage(55, LogLevel.Information, "The child {Child} is ready, as process {ProcessId}.")]
    public static partial void ChildReady(ILogger logger, string child, int processId);

    [LoggerMessage(
        56, LogLevel.Warning, "The child {Child}, process {ProcessId}, did not stop in time and was killed.")]
    public static partial void ChildKilled(ILogger logger, string child, int processId);

    [LoggerMessage(57, LogLevel.Critical, "The child {Child} is not supervised any more: {Reason}")]
    public static partial void ChildGone(ILogger logger, string child, string reason);

    [LoggerMessage(
        58,
        LogLevel.Warning,
        "The child {Child}, process {ProcessId}, uses more than {Limit} log categories; further ones are logged as {Category}.")]
    public static partial void TooManyCategories(
        ILogger logger, string child, int processId, int limit, string category);

    [LoggerMessage(59, LogLevel.Critical, "The root {Contract} could not be made; this process ends.")]
    public static partial void RootFailed(ILogger logger, string contract, Exception exception);

    [LoggerMessage(60, LogLevel.Information, "{Line}")]
    public static partial void OutputLine(ILogger logger, string line);

    [LoggerMessage(61, LogLevel.Warning, "{Line}")]
    public static partial void ErrorLine(ILogger logger, string line);
}
