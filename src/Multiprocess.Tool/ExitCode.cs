namespace Multiprocess.Tool;

/// <summary>How the tool ends. Documented, so that scripts can rely on it.</summary>
internal static class ExitCode
{
    /// <summary>It did what it was asked.</summary>
    public const int Done = 0;

    /// <summary>The answer is no: the method threw, a check found a break, a replay differs.</summary>
    public const int No = 1;

    /// <summary>The command line, an argument or a file cannot be used. Nothing was called.</summary>
    public const int Usage = 2;

    /// <summary>Nobody is there, or does not speak the protocol, or does not answer this user.</summary>
    public const int NotThere = 3;

    /// <summary>The connection was lost, or a rule or a limit was broken. A call may have run.</summary>
    public const int Lost = 4;

    /// <summary>Ctrl-C.</summary>
    public const int Cancelled = 130;
}
