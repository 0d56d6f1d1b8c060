using System.CommandLine;
using System.Text.Json.Nodes;
using Multiprocess.Tool.Output;

namespace Multiprocess.Tool.Commands;

/// <summary><c>completion</c>: prints the script with which a shell completes the tool's command line.</summary>
internal static class CompletionCommand
{
    // Each script asks the tool itself, through the directive of its command line library. It passes the words of this
    // command up to the cursor: a line of a shell may have other commands before it.
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
                local line="${(j: :)words[1,CURRENT]}"
                local -a found
                found=(${(f)"$(multiprocess "[suggest:${#line}]" "$line" 2> /dev/null)"})
                compadd -a found
            }
            compdef _multiprocess multiprocess
            """,
        ["fish"] = """
            # multiprocess completion fish > ~/.config/fish/completions/multiprocess.fish
            function __multiprocess
                set -l line (commandline -cp)
                multiprocess "[suggest:"(string length -- "$line")"]" "$line" 2> /dev/null
            end
            complete -c multiprocess -a '(__multiprocess)'
            """,
    };

    public static Command Create(ToolConsole console)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong([.. s_scripts.Keys]);
        var common = new CommonOptions();
        Command command = common.AddTo(
            new Command("completion", "Prints the script with which a shell completes the tool's command line.")
            {
                shell,
            },
            connects: false);
        command.SetAction(parsed =>
        {
            string name = parsed.GetValue(shell)!;
            string script = s_scripts[name].ReplaceLineEndings("\n");
            if (common.IsJson(parsed))
            {
                console.Json(new JsonObject { ["shell"] = name, ["script"] = script });
            }
            else
            {
                console.Line(script);
            }

            return ExitCode.Done;
        });
        return command;
    }
}
