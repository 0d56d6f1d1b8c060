using System.Globalization;

namespace Multiprocess;

/// <summary>How a child process ended.</summary>
/// <param name="Code">What it exited with; null when a signal ended it, or when other code of this process took its status.</param>
/// <param name="Signal">The number of the signal that ended it; null when it exited by itself, and where the system does not tell.</param>
/// <param name="Errors">The end of what it wrote to standard error, without control characters; empty when it wrote nothing or none was kept.</param>
public sealed record IpcChildExit(int? Code, int? Signal, string Errors)
{
    /// <summary>How it ended, in a few words.</summary>
    public override string ToString()
        => Signal is { } signal ? string.Create(CultureInfo.InvariantCulture, $"signal {signal}")
            : Code is { } code ? string.Create(CultureInfo.InvariantCulture, $"exit code {code}")
            : "an unknown exit code";
}
