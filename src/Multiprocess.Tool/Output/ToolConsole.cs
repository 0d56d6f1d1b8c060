using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Multiprocess.Tool.Output;

/// <summary>
/// Writes the tool's output: for people through Spectre.Console, for programs as one JSON value per line.
/// </summary>
/// <remarks>Text from a peer or a file is escaped here, once, by <see cref="IpcText"/>, in both forms.</remarks>
internal sealed class ToolConsole
{
    // No control sequences, and no characters that need another encoding.
    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.Default };

    private readonly TextWriter _output;

    /// <param name="output">Where results go.</param>
    /// <param name="errors">Where errors go.</param>
    /// <param name="input">What is typed in a shell.</param>
    public ToolConsole(TextWriter output, TextWriter errors, TextReader input)
    {
        _output = output;
        Errors = errors;
        Input = input;
        IsTerminal = ReferenceEquals(output, System.Console.Out) && !System.Console.IsOutputRedirected;
        People = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = IsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = IsTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(output),
        });
        if (!IsTerminal)
        {
            // A table in a file or a pipe is as wide as its content.
            People.Profile.Width = 200;
        }
    }

    /// <summary>Tables and colours.</summary>
    public IAnsiConsole People { get; }

    /// <summary>Where results go, for code that writes them directly.</summary>
    public TextWriter Output => _output;

    public TextWriter Errors { get; }

    public TextReader Input { get; }

    /// <summary>Whether the output is a terminal.</summary>
    public bool IsTerminal { get; }

    /// <summary>Writes a line for people.</summary>
    public void Line(string text = "") => _output.WriteLine(IpcText.EscapeLines(text));

    /// <summary>
    /// Writes a line for people whose parts have two spaces between them; where a line is too long for the terminal, it
    /// goes on below.
    /// </summary>
    public void Words(string text)
    {
        var line = new System.Text.StringBuilder();
        foreach (string part in text.Split("  "))
        {
            if (line.Length > 0 && line.Length + 2 + part.Length > People.Profile.Width)
            {
                Line(line.ToString());
                line.Clear();
            }

            line.Append(line.Length > 0 ? "  " : "").Append(part);
        }

        Line(line.ToString());
    }

    /// <summary>Writes a line for people and flushes it, for readers of a pipe.</summary>
    public void LineNow(string text)
    {
        Line(text);
        _output.Flush();
    }

    /// <summary>Writes a value for programs, on its own line.</summary>
    public void Json(JsonNode? value)
    {
        _output.WriteLine(value?.ToJsonString(s_json) ?? "null");
        _output.Flush();
    }

    /// <summary>A value for people: a text without quotes, everything else as JSON.</summary>
    public static string Show(JsonNode? value) => value switch
    {
        null => "null",
        JsonValue text when text.GetValueKind() == JsonValueKind.String => text.GetValue<string>(),
        JsonObject reference when reference["$ref"] is { } handle && reference.Count == 2
            => $"{handle.GetValue<string>()} ({reference["contract"]?.GetValue<string>()})",
        _ => value.ToJsonString(
            new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }),
    };

    /// <summary>The same, on one line.</summary>
    public static string ShowShort(JsonNode? value)
        => value is null
            ? "null"
            : value.ToJsonString(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Begins a table.</summary>
    public static Table Table(params ReadOnlySpan<string> columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (string column in columns)
        {
            table.AddColumn(new TableColumn(column) { NoWrap = columns.Length > 6 });
        }

        return table;
    }

    /// <summary>A cell of a table: escaped for the terminal, without markup.</summary>
    public static Text Cell(object? value)
        => new(value switch
        {
            null => "",
            long number => number.ToString("N0", System.Globalization.CultureInfo.InvariantCulture),
            int number => number.ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => IpcText.EscapeLines(value.ToString()),
        });
}
