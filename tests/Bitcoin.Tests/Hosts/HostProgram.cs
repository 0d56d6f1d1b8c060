using Bitcoin.Functional.Support;

namespace Bitcoin.Tests;

/// <summary>Starts the hosts as processes that have the mark of the current test.</summary>
internal static class HostProgram
{
    /// <summary>What tells the processes of a test, their children included, from all others.</summary>
    internal static string Mark { get; set; } = "";

    internal static Host Start(string program, params string[] args) => new(HostFolder.Program(program), Mark, args);

    /// <summary>Runs a program to its end.</summary>
    internal static Host Run(string program, params string[] args)
    {
        Host host = Start(program, args);
        host.WaitForExit();
        return host;
    }
}
