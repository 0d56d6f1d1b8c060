using System.Diagnostics;

namespace Multiprocess;

/// <summary>The failure of a call or of a connection between processes.</summary>
/// <remarks>
/// What a method itself threw arrives as what it threw, where the type can cross. An <see cref="IpcException"/> is a
/// failure of the crossing; <see cref="Kind"/> says which, and with it whether the remote side may have run the call.
/// </remarks>
public class IpcException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="kind">What went wrong.</param>
    /// <param name="message">
    /// The message. Much of what such messages quote comes from a peer, a file or a command line, so it is escaped as
    /// <see cref="IpcText.Escape"/> does: the message is one line without control characters.
    /// </param>
    /// <param name="innerException">What it comes from, if anything.</param>
    public IpcException(IpcErrorKind kind, string message, Exception? innerException = null)
        : base(IpcText.Escape(message, int.MaxValue), innerException) => Kind = kind;

    private IpcException(IpcErrorKind kind, string escaped, bool hasLines, Exception? innerException)
        : base(escaped, innerException)
    {
        Debug.Assert(hasLines, "A message of one line has the other constructor.");
        Kind = kind;
    }

    /// <summary>What went wrong, and what the caller may do about it.</summary>
    public IpcErrorKind Kind { get; }

    /// <summary>An exception whose message quotes lines of another program, each indented so that none can pass for one of a log.</summary>
    internal static IpcException Quoting(IpcErrorKind kind, string message, string lines, Exception? innerException)
        => new(
            kind,
            $"{IpcText.Escape(message, int.MaxValue)}\n  {IpcText.EscapeLines(lines).Replace("\n", "\n  ", StringComparison.Ordinal)}",
            hasLines: true,
            innerException);

    /// <summary>
    /// Where in a message the value begins that cannot be read, in bytes; -1 for the value right before the place at which
    /// the reader stands, and null where that is not known.
    /// </summary>
    internal int? At { get; init; }
}
