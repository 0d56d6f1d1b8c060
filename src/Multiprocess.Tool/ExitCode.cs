namespace Multiprocess.Tool;

/// <summary>How the tool ends. The codes are documented, so scripts can rely on them.</summary>
internal static class ExitCode
{
    /// <summary>The tool did what it was asked to do.</summary>
    public const int Done = 0;

    /// <summary>The answer is no: the method threw, a check found a break, or a replay differs.</summary>
    public const int No = 1;

    /// <summary>The command line, an argument or a file cannot be used. Nothing was called.</summary>
    public const int Usage = 2;

    /// <summary>No server listens there, or it does not speak the protocol, or it does not answer this user.</summary>
    public const int NotThere = 3;

    /// <summary>The connection was lost, or a rule or a limit was broken. A call may have run.</summary>
    public const int Lost = 4;

    /// <summary>Ctrl-C.</summary>
    public const int Cancelled = 130;
}
