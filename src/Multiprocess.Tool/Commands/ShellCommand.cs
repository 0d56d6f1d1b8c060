using System.CommandLine;
using System.Text;
using Multiprocess.Objects;
using Multiprocess.Tool.Contracts;
using Multiprocess.Tool.Output;
using Multiprocess.Tool.Sessions;

namespace Multiprocess.Tool.Commands;

/// <summary><c>shell</c>: makes many calls over one connection. Objects live as long as the connection.</summary>
internal static class ShellCommand
{
    private const string Help = """
        METHOD [ARGUMENT…]        calls a method or a property of the root
        #2.METHOD [ARGUMENT…]     the same of an object that the server has handed out
        METHOD {…} or […]         all arguments as JSON, by name or in order, where that is what there is
        watch [EVENT…]            prints events from now on, whenever something is called
        wait [SECONDS]            prints what comes meanwhile; without a number until Ctrl-C
        objects                   the objects that this session holds
        release #2                gives one back
        describe                  the contracts as C#
        methods [#2]              the methods of the root, or of an object
        exit
        """;

    public static Command Create(ToolConsole console)
    {
        var common = new CommonOptions();
        var command = new Command(
            "shell",
            "Calls a server many times over one connection; type 'help' in it for its commands. If the input "
                + "is not a terminal, a failed line makes the exit code 1.")
        {
            common.Address,
        };
        common.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommonOptions.GuardAsync(console, common.IsJson(parsed), () =>
        {
            IpcAddress address = common.AddressOf(parsed);
            IpcConnectionOptions options = common.ConnectionOptions(parsed);
            Inspection.Described described = DescribeCommand.Ask(address, options);
            using Session session = NoServerException.Unless(address, () => Session.Open(address, options, described));
            return Run(console, common.IsJson(parsed), session, cancellationToken);
        }));
        return command;
    }

    private static int Run(ToolConsole console, bool isJson, Session session, CancellationToken cancellationToken)
    {
        var printer = new CallPrinter(console, isJson, session);
        LineEditor? editor = console.IsTerminal && !Console.IsInputRedirected
            ? new LineEditor(word => Complete(session, word))
            : null;
        int code = ExitCode.Done;
        while (!cancellationToken.IsCancellationRequested)
        {
            string? line = editor is null ? console.Input.ReadLine() : editor.Read($"{session.Root.Name}> ");
            if (line is null)
            {
                break;
            }

            List<string> words;
            try
            {
                words = Split(line);
            }
            catch (InputException exception)
            {
                console.Errors.WriteLine(IpcText.EscapeLines(exception.Message));
                code = ExitCode.No;
                continue;
            }

            if (words.Count == 0)
            {
                continue;
            }

            if (words[0] is "exit" or "quit")
            {
                break;
            }

            int ended = CommonOptions.Guard(console, isJson, () =>
            {
                Do(console, session, printer, words, cancellationToken);
                return ExitCode.Done;
            });
            if (ended == ExitCode.Lost)
            {
                return ended;
            }

            code = ended == ExitCode.Done ? code : ExitCode.No;
        }

        return editor is null ? code : ExitCode.Done;
    }

    private static void Do(
        ToolConsole console,
        Session session,
        CallPrinter printer,
        List<string> words,
        CancellationToken cancellationToken)
    {
        switch (words[0])
        {
            case "help":
                console.Line(Help);
                break;
            case "describe":
                console.Line(CSharpWriter.Write(session.Book).TrimEnd('\n'));
                break;
            case "methods":
                foreach (Method method in session.ContractOf(
                    words.Count > 1 ? Handle(words[1]) : ExportTable.RootHandle).Methods)
                {
                    console.Line(CSharpWriter.Signature(session.Book, method));
                }

                break;
            case "objects":
                foreach ((long handle, TypeName type) in session.Objects)
                {
                    console.Line($"#{handle} {type.Key}");
                }

                break;
            case "release" when words.Count == 2:
                session.Release(Handle(words[1]));
                break;
            case "watch":
                foreach (string? name in words.Skip(1).DefaultIfEmpty<string?>(null))
                {
                    WatchCommand.Begin(session, printer, name, new CallArguments([], null), cancellationToken);
                }

                break;
            case "wait":
                session.Listen(
                    words.Count > 1
                        && double.TryParse(
                            words[1], System.Globalization.CultureInfo.InvariantCulture, out double seconds)
                        ? TimeSpan.FromSeconds(seconds)
                        : Timeout.InfiniteTimeSpan,
                    cancellationToken);
                break;
            default:
                Call(session, printer, words, cancellationToken);
                break;
        }
    }

    private static void Call(
        Session session, CallPrinter printer, List<string> words, CancellationToken cancellationToken)
    {
        string name = words[0];
        long handle = ExportTable.RootHandle;
        if (name.StartsWith('#'))
        {
            int dot = name.IndexOf('.', StringComparison.Ordinal);
            handle = Handle(dot < 0 ? name : name[..dot]);
            name = dot < 0
                ? throw new InputException($"{name}: Expected #HANDLE.METHOD, got no method.")
                : name[(dot + 1)..];
        }

        Contract contract = session.ContractOf(handle);
        List<string> rest = words[1..];

        // A single word of JSON holds all arguments, unless the method takes exactly one argument in that form, or does
        // not take the arguments in the JSON.
        bool isJson = rest is [['{' or '[', ..]]
            && !contract.Methods.Any(method => method.MemberName == name && method.Sent.Count() == 1)
            && (new CallArguments([], rest[0]).FitAny(contract, name)
                || !new CallArguments(rest, null).FitAny(contract, name));
        printer.Call(
            handle, name, isJson ? new CallArguments([], rest[0]) : new CallArguments(rest, null), cancellationToken);
    }

    private static long Handle(string text)
        => text.StartsWith('#')
            && long.TryParse(
                text.AsSpan(1),
                System.Globalization.NumberStyles.None,
                System.Globalization.CultureInfo.InvariantCulture,
                out long handle)
            ? handle
            : throw new InputException($"{text}: Expected #HANDLE.");

    private static IEnumerable<string> Complete(Session session, string word)
    {
        if (word.StartsWith('#'))
        {
            int dot = word.IndexOf('.', StringComparison.Ordinal);
            if (dot < 0)
            {
                return session.Objects.Select(entry => $"#{entry.Handle}.").Where(
                    name => name.StartsWith(word, StringComparison.Ordinal));
            }

            return long.TryParse(word.AsSpan(1, dot - 1), out long handle)
                && session.Objects.Any(entry => entry.Handle == handle)
                && session.Book.FindContract(
                    session.Objects.First(entry => entry.Handle == handle).Type) is { } contract
                ? contract.Methods.Select(method => word[..(dot + 1)] + method.MemberName)
                    .Distinct()
                    .Where(name => name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                : [];
        }

        string[] verbs = ["help", "describe", "methods", "objects", "release", "watch", "wait", "exit"];
        return session.Root.Methods
            .Select(method => method.MemberName)
            .Concat(verbs)
            .Distinct()
            .Where(name => name.StartsWith(word, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Splits a line at spaces, except within quotes or JSON.</summary>
    public static List<string> Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        int depth = 0;
        bool isQuoted = false;
        bool isWord = false;
        for (int i = 0; i < line.Length; i++)
        {
            char character = line[i];
            if (isQuoted && character == '\\' && i + 1 < line.Length)
            {
                // In JSON, an escape stays an escape.
                word.Append(depth > 0 ? "\\" : "").Append(line[++i]);
            }
            else if (character == '"')
            {
                isQuoted = !isQuoted;
                isWord = true;
                word.Append(depth > 0 ? "\"" : "");
            }
            else if (!isQuoted && depth == 0 && char.IsWhiteSpace(character))
            {
                if (isWord)
                {
                    words.Add(word.ToString());
                    word.Clear();
                    isWord = false;
                }
            }
            else
            {
                depth += isQuoted ? 0 : character is '{' or '[' ? 1 : character is '}' or ']' ? -1 : 0;
                word.Append(character);
                isWord = true;
            }
        }

        if (isQuoted)
        {
            throw new InputException("The line: Expected a closing quotation mark, got the end.");
        }

        if (isWord)
        {
            words.Add(word.ToString());
        }

        return words;
    }
}
