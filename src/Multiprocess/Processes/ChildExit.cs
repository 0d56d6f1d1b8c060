using System.Globalization;

namespace Multiprocess.Processes;

/// <summary>How a child process ended.</summary>
/// <param name="Code">The exit code; 0 when a signal ended the process.</param>
/// <param name="Signal">
/// The signal that ended the process; 0 when the process exited; -1 when other code reaped the process, so that its end
/// is unknown.
/// </param>
internal readonly record struct ChildExit(int Code, int Signal)
{
    /// <summary>The end of a process that other code reaped.</summary>
    public static ChildExit Unknown { get; } = new(0, -1);

    /// <summary>One number as shells report it: the exit code, or 128 plus the signal; -1 when unknown.</summary>
    public int Status => Signal switch
    {
        0 => Code,
        < 0 => -1,
        _ => 128 + Signal,
    };

    /// <summary>Decodes the status that waiting for a process returns.</summary>
    public static ChildExit FromWaitStatus(int status)
    {
        int signal = status & 0x7f;
        return signal == 0 ? new ChildExit((status >> 8) & 0xff, 0) : new ChildExit(0, signal);
    }

    public override string ToString() => Signal switch
    {
        0 => string.Create(CultureInfo.InvariantCulture, $"exit code {Code}"),
        < 0 => "an unknown exit code",
        _ => string.Create(CultureInfo.InvariantCulture, $"signal {Signal}"),
    };
}
