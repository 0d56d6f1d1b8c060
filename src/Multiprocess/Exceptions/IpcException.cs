using System.Diagnostics;

namespace Multiprocess;

/// <summary>An error of a call or of a connection between processes.</summary>
/// <remarks>
/// An exception thrown by a remote method is rethrown as its own type, where that type can be transferred. An
/// <see cref="IpcException"/> is an error of the communication; <see cref="Kind"/> says which, and whether the remote
/// side may have run the call.
/// </remarks>
public class IpcException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="kind">What went wrong.</param>
    /// <param name="message">
    /// The message. It often quotes a peer, a file or a command line, so it is escaped like
    /// <see cref="IpcText.Escape"/> does: the message becomes one line without control characters.
    /// </param>
    /// <param name="innerException">The cause, if any.</param>
    public IpcException(IpcErrorKind kind, string message, Exception? innerException = null)
        : base(IpcText.Escape(message, int.MaxValue), innerException) => Kind = kind;

    private IpcException(IpcErrorKind kind, string escaped, bool hasLines, Exception? innerException)
        : base(escaped, innerException)
    {
        Debug.Assert(hasLines, "A message of one line has the other constructor.");
        Kind = kind;
    }

    /// <summary>What went wrong, and thus what the caller can do about it.</summary>
    public IpcErrorKind Kind { get; }

    /// <summary>
    /// Creates an exception whose message quotes lines of another program. Each line is indented, so that it cannot be
    /// mistaken for a line of the log.
    /// </summary>
    internal static IpcException Quoting(IpcErrorKind kind, string message, string lines, Exception? innerException)
        => new(
            kind,
            $"{IpcText.Escape(message, int.MaxValue)}\n  "
                + $"{IpcText.EscapeLines(lines).Replace("\n", "\n  ", StringComparison.Ordinal)}",
            hasLines: true,
            innerException);

    /// <summary>
    /// The offset in the message, in bytes, of the value that cannot be read. -1 means the value just before the
    /// reader's position; null means unknown.
    /// </summary>
    internal int? At { get; init; }
}
