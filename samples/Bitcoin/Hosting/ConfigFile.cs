using System.Diagnostics.CodeAnalysis;

namespace Bitcoin.Hosting;

/// <summary>A configuration file in Bitcoin Core's style: name=value, comments behind #, sections in brackets for one network each.</summary>
public sealed class ConfigFile
{
    /// <summary>The section that holds for every network.</summary>
    public const string Everywhere = "";

    private readonly Dictionary<(string Section, string Name), List<string>> _values = [];

    /// <summary>A file with nothing in it.</summary>
    public static ConfigFile Empty { get; } = new();

    /// <summary>The names of all sections that have values.</summary>
    public IEnumerable<string> Sections => _values.Keys.Select(static key => key.Section).Where(static section => section.Length > 0).Distinct();

    /// <summary>Reads the lines of a file.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="file">The result.</param>
    /// <param name="error">What is wrong, for the user.</param>
    public static bool TryParse(IEnumerable<string> lines, [NotNullWhen(true)] out ConfigFile? file, [NotNullWhen(false)] out string? error)
    {
        ConfigFile read = new();
        file = read.TryAdd(lines, out error) ? read : null;
        return file is not null;
    }

    /// <summary>Reads the lines of one more file; what came first holds.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="error">What is wrong, for the user; some of the values may have been taken.</param>
    public bool TryAdd(IEnumerable<string> lines, [NotNullWhen(false)] out string? error)
    {
        error = null;
        string section = Everywhere;
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            string text = line.Split('#')[0].Trim();
            if (text.Length == 0)
            {
                continue;
            }

            if (text[0] == '[' && text[^1] == ']')
            {
                section = text[1..^1];
                continue;
            }

            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (text[0] == '-' || equals < 0)
            {
                error = $"parse error on line {number}: {text}" + (text[0] == '-' ? ", options in configuration file must be specified without leading -"
                    : text.StartsWith("no", StringComparison.Ordinal) ? $", if you intended to specify a negated option, use {text}=1 instead" : "");
                return false;
            }

            Add(section, text[..equals].TrimEnd(), text[(equals + 1)..].TrimStart());
        }

        return true;
    }

    /// <summary>The values in a section, in order.</summary>
    public IReadOnlyList<string> Values(string section, string name) => _values.GetValueOrDefault((section, name)) ?? [];

    /// <summary>The names in a section.</summary>
    public IEnumerable<string> Names(string section) => _values.Keys.Where(key => key.Section == section).Select(static key => key.Name);

    private void Add(string section, string name, string value)
    {
        // "regtest.rpcport" is another way to be in a section.
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        (section, name) = dot > 0 && section == Everywhere ? (name[..dot], name[(dot + 1)..]) : (section, name);
        if (name.StartsWith("no", StringComparison.Ordinal) && value is "" or "0" or "1" && name.Length > 2 && name is not "node")
        {
            (name, value) = (name[2..], value == "0" ? "1" : "0");
        }

        if (!_values.TryGetValue((section, name), out List<string>? values))
        {
            _values.Add((section, name), values = []);
        }

        values.Add(value.Length == 0 ? "1" : value);
    }
}
