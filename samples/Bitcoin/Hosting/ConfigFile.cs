using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using Bitcoin.Primitives;

namespace Bitcoin.Hosting;

/// <summary>
/// A configuration file in Bitcoin Core's style: name=value, comments after #, and a section in brackets for each
/// network.
/// </summary>
public sealed class ConfigFile
{
    /// <summary>The section that applies to all networks.</summary>
    public const string Everywhere = "";

    /// <summary>The option that names another file to read, in a configuration file only.</summary>
    internal const string IncludeOption = "includeconf";

    private readonly Dictionary<(string Section, string Name), List<string>> _values = [];

    private readonly List<(string Section, string File, int Line)> _sections = [];
    private readonly List<(string Name, string Value)> _doubleNegatives = [];
    private readonly List<(string Section, string Name, string Json)> _given = [];

    /// <summary>The options that choose the files, for a program's list.</summary>
    public static IReadOnlyList<Option> Options { get; } =
    [
        new(
            "conf",
            "file",
            $"The configuration file, relative to the data directory or absolute. Default: {Currency.Names.ConfigFile}."),
        new(
            IncludeOption,
            "file",
            "In the configuration file only: read this file too, relative to the data directory or absolute. "
                + "-noincludeconf does not."),
    ];

    /// <summary>All sections with their places in the file: also empty ones, and names before a dot.</summary>
    public IReadOnlyList<(string Section, string File, int Line)> Sections => _sections;

    /// <summary>Options that were negated twice and are therefore on: nowallet=0.</summary>
    public IReadOnlyList<(string Name, string Value)> DoubleNegatives => _doubleNegatives;

    /// <summary>The given options, in order, each value in the form for the log.</summary>
    internal IReadOnlyList<(string Section, string Name, string Json)> Given => _given;

    /// <summary>
    /// The other files that this file includes, by the names that it uses for them.
    /// </summary>
    internal List<string> IncludedFiles { get; } = [];

    /// <summary>Whether the file sets "conf", which is not allowed in a configuration file.</summary>
    internal bool IsConfSet => _values.Keys.Any(static key => key.Name == "conf");

    /// <summary>An empty configuration file.</summary>
    public static ConfigFile Empty() => new();

    /// <summary>Parses the text of a file.</summary>
    /// <param name="text">The bytes of the text.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="file">The result.</param>
    /// <param name="error">What is wrong, for the user.</param>
    public static bool TryParse(
        ReadOnlySpan<byte> text,
        string path,
        [NotNullWhen(true)] out ConfigFile? file,
        [NotNullWhen(false)] out string? error)
    {
        ConfigFile read = new();
        file = read.TryAdd(text, path, out error) ? read : null;
        return file is not null;
    }

    /// <summary>Adds the text of another file. Values that were read before take precedence.</summary>
    /// <param name="text">The bytes of the text.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="error">What is wrong, for the user; some values may have been added.</param>
    public bool TryAdd(ReadOnlySpan<byte> text, string path, [NotNullWhen(false)] out string? error)
    {
        error = null;
        string section = Everywhere;
        int number = 0;
        foreach (Range range in text.Split((byte)'\n'))
        {
            number++;
            error = AddLine(text[range], path, number, ref section);
            if (error is not null)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The values in a section, in order.</summary>
    public IReadOnlyList<string> Values(string section, string name)
        => _values.GetValueOrDefault((section, name)) ?? [];

    /// <summary>The names in a section.</summary>
    public IEnumerable<string> Names(string section)
        => _values.Keys.Where(key => key.Section == section).Select(static key => key.Name);

    /// <summary>Parses a line; returns what is wrong with it.</summary>
    private string? AddLine(ReadOnlySpan<byte> bytes, string path, int number, ref string section)
    {
        int comment = bytes.IndexOf((byte)'#');
        bytes = comment < 0 ? bytes : bytes[..comment];
        if (!Utf8.IsValid(bytes))
        {
            // A name or a password made of replacement characters would differ from the intended one.
            return $"parse error on line {number}: Expected UTF-8, got other bytes.";
        }

        string text = Encoding.UTF8.GetString(bytes).Trim([' ', '\t', '\r', '\n', '\ufeff']);
        if (text.Length == 0)
        {
            return null;
        }

        if (text[0] == '[' && text[^1] == ']')
        {
            section = text[1..^1];
            _sections.Add((section, path, number));
            return null;
        }

        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (text[0] == '-' || equals < 0)
        {
            return $"parse error on line {number}: {text}"
                + (text[0] == '-'
                    ? ", options in configuration file must be specified without leading -"
                    : text.StartsWith("no", StringComparison.Ordinal)
                        ? $", if you intended to specify a negated option, use {text}=1 instead"
                        : "");
        }

        string name = text[..equals].TrimEnd();
        if (comment >= 0 && name.Contains("rpcpassword", StringComparison.Ordinal))
        {
            return $"parse error on line {number}, using # in rpcpassword can be ambiguous and should be avoided";
        }

        // "regtest.rpcport" is another form of a name in a section.
        int dot = name.LastIndexOf('.');
        if (dot > 0)
        {
            _sections.Add((name[..dot], path, number));
        }

        Add(section, name, text[(equals + 1)..].TrimStart());
        return null;
    }

    private void Add(string section, string name, string value)
    {
        // "regtest.rpcport" is another form of a name in a section.
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        (section, name) = dot > 0 && section == Everywhere ? (name[..dot], name[(dot + 1)..]) : (section, name);
        bool isNegated = name.StartsWith("no", StringComparison.Ordinal) && name.Length > 2 && name is not "node";
        OptionText read = OptionText.Of(name, value, isNegated, whenElided: "");
        if (read.DoubleNegative is { } doubled)
        {
            _doubleNegatives.Add((read.Name, doubled));
        }

        if (!_values.TryGetValue((section, read.Name), out List<string>? values))
        {
            _values.Add((section, read.Name), values = []);
        }

        values.Add(read.Value);
        _given.Add((section, read.Name, read.Json));
    }
}
