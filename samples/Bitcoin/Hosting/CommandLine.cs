using System.Diagnostics.CodeAnalysis;

namespace Bitcoin.Hosting;

/// <summary>
/// A command line in Bitcoin Core's style: -name, -name=value, -noname, then words. Two dashes mean the same as one.
/// </summary>
public sealed class CommandLine : IOptionValues
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    private readonly List<(string Name, string Value)> _doubleNegatives = [];

    private readonly List<(Option Option, string Json)> _given = [];

    private CommandLine(IReadOnlyList<string> words) => Words = words;

    /// <summary>Options that were negated twice and are therefore on: -nowallet=0.</summary>
    public IReadOnlyList<(string Name, string Value)> DoubleNegatives => _doubleNegatives;

    /// <summary>The given options, in order, each value in the form for the log.</summary>
    internal IReadOnlyList<(Option Option, string Json)> Given => _given;

    /// <summary>The words after the options: a command and its arguments.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>Parses a command line. An unknown option is an error.</summary>
    /// <param name="args">The arguments of the program.</param>
    /// <param name="known">The options of the program.</param>
    /// <param name="commandLine">The result.</param>
    /// <param name="error">What is wrong, for the user.</param>
    public static bool TryParse(
        IReadOnlyList<string> args,
        IReadOnlyList<Option> known,
        [NotNullWhen(true)] out CommandLine? commandLine,
        [NotNullWhen(false)] out string? error)
    {
        int options = args.TakeWhile(static arg => arg.StartsWith('-') && arg.Length > 1).Count();
        commandLine = new CommandLine([.. args.Skip(options)]);
        error = null;
        Option[] all = [.. known, .. known.Any(static option => option.Name == "help") ? s_helpNames : []];
        foreach (string arg in args.Take(options))
        {
            error = commandLine.Add(arg, all);
            if (error is not null)
            {
                commandLine = null;
                return false;
            }
        }

        return true;
    }

    /// <summary>The values of each option that was given, in order.</summary>
    public IEnumerable<KeyValuePair<string, List<string>>> Values => _values;

    /// <inheritdoc/>
    public bool IsOn(string name, bool byDefault = false)
        => Last(name) is { } value ? OptionText.IsTrue(value) : byDefault;

    /// <inheritdoc/>
    public string? Last(string name) => _values.TryGetValue(name, out List<string>? values) ? values[^1] : null;

    /// <inheritdoc/>
    public IReadOnlyList<string> All(string name) => OptionText.AfterNegation(_values.GetValueOrDefault(name) ?? []);

    /// <summary>Whether help is requested, by any of its names.</summary>
    public bool WantsHelp => IsOn("help") || IsOn("help-debug") || IsOn("h") || IsOn("?");

    /// <summary>The other names of -help; help does not list them.</summary>
    private static readonly Option[] s_helpNames = [new("h", null, ""), new("?", null, "")];

    /// <summary>The text of -help.</summary>
    public static string Help(string usage, IEnumerable<Option> options)
    {
        IEnumerable<string> lines = options.Select(
            static option
                => $"  -{option.Name}{(option.Value is null ? "" : $"=<{option.Value}>")}\n       {option.Help}\n");
        return $"Usage: {usage}\n\nOptions:\n\n{string.Join("\n", lines)}";
    }

    private string? Add(string arg, IReadOnlyList<Option> known)
    {
        string text = arg.StartsWith("--", StringComparison.Ordinal) ? arg[2..] : arg[1..];
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? text : text[..equals];
        string? value = equals < 0 ? null : text[(equals + 1)..];
        Option? option = known.FirstOrDefault(option => option.Name == name);
        bool isNegated = option is null && name.StartsWith("no", StringComparison.Ordinal);
        option ??= isNegated ? known.FirstOrDefault(option => option.Name == name[2..]) : null;
        if (option is null)
        {
            return $"Invalid parameter {arg}";
        }

        if (text.Contains('\ufffd', StringComparison.Ordinal))
        {
            // The system could not decode the bytes. A name or a password made of them would differ from the intended
            // one.
            return $"Invalid parameter {LineText.Escape(arg)}: Expected UTF-8, got other bytes.";
        }

        if (isNegated && option.Rules.HasFlag(OptionRules.StaysOn))
        {
            return $"Negating of -{option.Name} is meaningless and therefore forbidden";
        }

        if (!isNegated && value is null && option.Rules.HasFlag(OptionRules.NeedsValue))
        {
            return $"Can not set -{name} with no value. Please specify value with -{name}=value.";
        }

        OptionText read = OptionText.Of(name, value, isNegated, whenElided: option.Value is null ? "1" : "");
        if (read.DoubleNegative is { } doubled)
        {
            _doubleNegatives.Add((option.Name, doubled));
        }

        if (!_values.TryGetValue(option.Name, out List<string>? values))
        {
            _values.Add(option.Name, values = []);
        }

        values.Add(read.Value);
        _given.Add((option, read.Json));
        return null;
    }
}
