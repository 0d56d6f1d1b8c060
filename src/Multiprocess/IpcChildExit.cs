using System.Globalization;

namespace Multiprocess;

/// <summary>How a child process ended.</summary>
/// <param name="Code">
/// The exit code; null when a signal ended the process, or when other code of this process took its exit status.
/// </param>
/// <param name="Signal">
/// The number of the signal that ended the process; null when it exited by itself, or when the system does not tell.
/// </param>
/// <param name="Errors">
/// The end of the standard error output, without control characters; empty when there was none or it was not kept.
/// </param>
public sealed record IpcChildExit(int? Code, int? Signal, string Errors)
{
    /// <summary>How the process ended, in a few words.</summary>
    public override string ToString()
        => Signal is { } signal ? string.Create(CultureInfo.InvariantCulture, $"signal {signal}")
            : Code is { } code ? string.Create(CultureInfo.InvariantCulture, $"exit code {code}")
            : "an unknown exit code";
}
