using System.CommandLine;
using Multiprocess.Tool.Commands;
using Multiprocess.Tool.Output;

namespace Multiprocess.Tool;

/// <summary>The command line: the verbs, and how the tool ends.</summary>
internal static class ToolProgram
{
    /// <summary>Runs the tool.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(IReadOnlyList<string> args, ToolConsole console)
    {
        var root = new RootCommand("""
            Lists, describes, calls and watches servers of Multiprocess, whose contracts need not be known here.

            Exit codes: 0 done; 1 the answer is no (the method threw, a check found a break); 2 the command line or a file
            cannot be used; 3 nobody is there, or does not answer; 4 the connection was lost; 130 interrupted.
            """)
        {
            ListCommand.Create(console),
            DescribeCommand.Create(console),
            CallCommand.Create(console),
            WatchCommand.Create(console),
            ShellCommand.Create(console),
            MonitorCommand.Create(console),
            TraceCommand.Create(console),
            RecordingCommands.CreateShow(console),
            RecordingCommands.CreateReplay(console),
            WaitingCommand.CreateWaiting(console),
            WaitingCommand.CreateLeaks(console),
            CompletionCommand.Create(console),
            ContractCommands.CreateBaseline(console),
            ContractCommands.CreateCheck(console),
            ContractCommands.CreateCapnp(console),
            ImportCommand.Create(console),
        };
        ParseResult parsed = root.Parse(WithArguments(args));
        if (parsed.Errors.Count > 0)
        {
            foreach (System.CommandLine.Parsing.ParseError error in parsed.Errors)
            {
                console.Errors.WriteLine(IpcText.EscapeLines(error.Message));
            }

            console.Errors.WriteLine("Try 'multiprocess --help'.");
            return ExitCode.Usage;
        }

        return parsed.Invoke(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = TimeSpan.FromSeconds(10),
            Output = console.Output,
            Error = console.Errors,
        });
    }

    /// <summary>
    /// A value of <c>--json</c> that is JSON holds the call's arguments. Any other value is a word of its own.
    /// </summary>
    private static List<string> WithArguments(IReadOnlyList<string> args)
    {
        var words = new List<string>();
        for (int i = 0; i < args.Count; i++)
        {
            words.Add(args[i]);
            if (args[i] == "--json" && i + 1 < args.Count && args[i + 1].TrimStart() is ['{' or '[', ..])
            {
                words.Add(CommonOptions.ArgumentsName);
            }
        }

        return words;
    }
}
