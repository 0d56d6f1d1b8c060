using System.Text.Json.Nodes;
using Multiprocess.Tool.Output;

namespace Multiprocess.Tool.Tests;

/// <summary>What came of one run of the tool.</summary>
/// <param name="Code">How it ended.</param>
/// <param name="Output">What it wrote.</param>
/// <param name="Errors">What it wrote of errors.</param>
internal sealed record ToolRun(int Code, string Output, string Errors)
{
    /// <summary>The lines of the output.</summary>
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The lines as JSON.</summary>
    public JsonNode[] Json => [.. Lines.Select(line => JsonNode.Parse(line)!)];

    /// <summary>The only line as JSON.</summary>
    public JsonNode Value => Json.Single();

    /// <summary>Runs the tool in this process.</summary>
    public static ToolRun Of(params string[] args) => With("", args);

    /// <summary>Runs the tool in this process, with what is typed.</summary>
    public static ToolRun With(string input, params string[] args)
        => With(input, width: null, args);

    /// <summary>Runs the tool in this process, on a terminal of a few columns.</summary>
    public static ToolRun Narrow(int width, params string[] args) => With("", width, args);

    /// <summary>Runs it, and checks that it did what it was asked.</summary>
    public static ToolRun Done(params string[] args)
    {
        ToolRun run = Of(args);
        Assert.That(run.Code, Is.EqualTo(ExitCode.Done), run.Errors);
        Assert.That(run.Errors, Is.Empty);
        return run;
    }

    private static ToolRun With(string input, int? width, string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter { NewLine = "\n" };
        var console = new ToolConsole(output, errors, new StringReader(input));
        console.People.Profile.Width = width ?? console.People.Profile.Width;
        int code = ToolProgram.Run(args, console);
        return new ToolRun(code, output.ToString(), errors.ToString());
    }
}
