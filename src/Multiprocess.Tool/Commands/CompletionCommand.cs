using System.CommandLine;
using Multiprocess.Tool.Output;

namespace Multiprocess.Tool.Commands;

/// <summary><c>completion</c>: prints the script with which a shell completes the tool's command line.</summary>
internal static class CompletionCommand
{
    // Each script asks the tool itself, through the directive of its command line library.
    private static readonly Dictionary<string, string> s_scripts = new()
    {
        ["bash"] = """
            # multiprocess completion bash >> ~/.bashrc
            _multiprocess() {
                local IFS=$'\n'
                COMPREPLY=($(compgen -W "$(multiprocess "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2> /dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _multiprocess multiprocess
            """,
        ["zsh"] = """
            # multiprocess completion zsh >> ~/.zshrc
            _multiprocess() {
                local -a found
                found=("${(@f)$(multiprocess "[suggest:${CURSOR}]" "${BUFFER}" 2> /dev/null)}")
                compadd -a found
            }
            compdef _multiprocess multiprocess
            """,
        ["fish"] = """
            # multiprocess completion fish > ~/.config/fish/completions/multiprocess.fish
            complete -c multiprocess -a '(multiprocess "[suggest:"(commandline -C)"]" (commandline -cp) 2> /dev/null)'
            """,
    };

    public static Command Create(ToolConsole console)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong([.. s_scripts.Keys]);
        var command = new Command(
            "completion", "Prints the script with which a shell completes the tool's command line.")
        {
            shell,
        };
        command.SetAction(parsed =>
        {
            console.Line(s_scripts[parsed.GetValue(shell)!].ReplaceLineEndings("\n"));
            return ExitCode.Done;
        });
        return command;
    }
}
