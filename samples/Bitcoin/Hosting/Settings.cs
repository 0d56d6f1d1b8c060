using System.Diagnostics.CodeAnalysis;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;

namespace Bitcoin.Hosting;

/// <summary>A program's settings: its command line, then its configuration file.</summary>
public sealed class Settings : IOptionValues
{
    /// <summary>The error for a wallet option that is not a name.</summary>
    public const string WalletValues =
        "Invalid value detected for '-wallet' or '-nowallet'. '-wallet' requires a string value, while '-nowallet' "
            + "accepts only '1' to disable all wallets";

    /// <summary>Outside a network's section, these apply to the main network only.</summary>
    private static readonly string[] s_networkOnly =
        [
            "addnode", "bind", "connect", "port", "rpcbind", "rpcport", "wallet", "walletdir",
        ];

    private const string Negation = "0";

    // By option, in order of precedence: the command line, the network's section, the rest of the file. The first value
    // is "0" if one of them negates the option.
    private readonly Dictionary<string, string[]> _values;

    // The value that counts, by option, if it is not the last: the last of a command line counts, but the first of a
    // file.
    private readonly Dictionary<string, string> _holding;

    private Settings(
        NetworkParameters network, string root, Dictionary<string, string[]> values, Dictionary<string, string> holding)
    {
        _holding = holding;
        Network = network;
        Root = root;
        _values = values;
        Directory = Path.Combine(root, network.Directory);
    }

    /// <summary>The network.</summary>
    public NetworkParameters Network { get; }

    /// <summary>The data directory, absolute.</summary>
    public string Root { get; }

    /// <summary>The network's part of the data directory, absolute.</summary>
    public string Directory { get; }

    /// <summary>Warnings for the log.</summary>
    public IReadOnlyList<string> Warnings { get; private init; } = [];

    /// <summary>The files that were read and the options in them, for the log; secrets by their names only.</summary>
    public IReadOnlyList<string> Sources { get; private init; } = [];

    /// <summary>Lines that the user sees at once, unchanged.</summary>
    public IReadOnlyList<string> Asides { get; private init; } = [];

    /// <summary>Warnings that the user sees at once.</summary>
    public IReadOnlyList<string> Complaints { get; private init; } = [];

    /// <summary>Combines a command line and the configuration file.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="known">
    /// The options that may stand in the file. Others are ignored, because several programs share the file.
    /// </param>
    /// <param name="settings">The result.</param>
    /// <param name="error">What is wrong, for the user.</param>
    public static bool TryMake(
        CommandLine line,
        IReadOnlyList<Option> known,
        [NotNullWhen(true)] out Settings? settings,
        [NotNullWhen(false)] out string? error)
    {
        settings = null;
        string given = DataDirectory.Root(line.Last("datadir"));
        if (!string.IsNullOrEmpty(line.Last("datadir")) && !System.IO.Directory.Exists(given))
        {
            error = $"Specified data directory \"{line.Last("datadir")}\" does not exist.";
            return false;
        }

        if (line.All(ConfigFile.IncludeOption).Count > 0)
        {
            string json = line.Given
                .First(static one => one.Option.Name == ConfigFile.IncludeOption && one.Json != "false")
                .Json;
            error =
                $"Error parsing command line arguments: -includeconf cannot be used from commandline; "
                    + $"-includeconf={json}";
            return false;
        }

        bool includes = line.Last(ConfigFile.IncludeOption) is null;
        List<string> asides = [];
        if (!TryReadFile(line.Last("conf"), given, out ConfigFile? file, out string path, out error)
            || (includes && !TryInclude(file, given, ConfigFile.Everywhere, out error)))
        {
            return false;
        }

        // The network first: it decides which section counts.
        Settings everywhere = Merge(line, file, section: null, Currency.Main, given);
        if (!NetworkOption.TryChoose(everywhere, out NetworkParameters? network, out error)
            || (includes && !TryInclude(file, given, network.Name, out error)))
        {
            return false;
        }

        // The include lines of included files.
        List<string> named = includes
            ? [.. Included(file, ConfigFile.Everywhere), .. Included(file, network.Name)]
            : [];
        file.IncludedFiles.ForEach(name => named.Remove(name));
        asides.AddRange(
            named.Select(
                static name
                    => $"warning: -includeconf cannot be used from included files; ignoring -includeconf={name}"));

        if (file.IsConfSet)
        {
            error =
                "Error reading configuration file: conf cannot be set in the configuration file; use includeconf= if "
                    + "you want to include additional config files";
            return false;
        }

        Settings merged = Merge(line, file, network.Name, network, given);
        string? moved = line.Last("datadir") is null && merged.Last("datadir") is { Length: > 0 } directory
            ? directory
            : null;
        if (moved is not null && !System.IO.Directory.Exists(moved))
        {
            error = $"Error reading configuration file: specified data directory \"{moved}\" does not exist.";
            return false;
        }

        string? unsuitable = s_networkOnly.FirstOrDefault(name =>
            !network.IsMain
                && line.Last(name) is null
                && file.Values(network.Name, name).Count == 0
                && file.Values(ConfigFile.Everywhere, name).Count > 0);
        if (unsuitable is not null)
        {
            error = $"Config setting for -{unsuitable} only applied on {network} network when in [{network}] section.";
            return false;
        }

        if (line.DoubleNegatives.Concat(file.DoubleNegatives).Any(static pair => pair.Name == "wallet"))
        {
            error = WalletValues;
            return false;
        }

        string root = moved is null ? given : DataDirectory.Root(moved);
        List<string> warnings = [];
        if (!TryCheckIgnored(line, root, given, path, merged, warnings, out error))
        {
            return false;
        }

        settings = new Settings(network, root, merged._values, merged._holding)
        {
            Complaints = [.. file.Sections.Where(static section => Currency.Find(section.Section) is null)
                .Select(static section => LineText.Escape(
                    $"{section.File}:{section.Line} Section [{section.Section}] is not recognized."))],
            Asides = asides,
            Warnings =
            [
                .. warnings,
                .. line.DoubleNegatives.Concat(file.DoubleNegatives).Select(
                    static pair => $"Parsed potentially confusing double-negative -{pair.Name}={pair.Value}"),
                .. file.Given.Where(static given => given.Name == "reindex").Take(1).Select(static _ =>
                    "reindex=1 is set in the configuration file, which will significantly slow down startup. Consider "
                        + "removing or commenting out this option for better performance, "
                    + "unless there is currently a condition which makes rebuilding the indexes necessary"),
                .. file.Given.Where(given => known.All(option => option.Name != given.Name))
                    .Select(
                        static given => $"Ignoring unknown configuration value {Qualified(given.Section, given.Name)}")
                    .Distinct(),
            ],
            Sources = [.. SettingsSources.Describe(line, file, known, root, path)],
        };
        return true;
    }

    /// <summary>The settings that a parent process handed over.</summary>
    public static bool TryTake(
        NodeSettings from, [NotNullWhen(true)] out Settings? settings, [NotNullWhen(false)] out string? error)
    {
        Settings handed = new(
            Currency.Main, DataDirectory.Root(from.DataDirectory), from.Options, from.Holding ?? []);
        settings = NetworkOption.TryChoose(handed, out NetworkParameters? network, out error)
            ? new Settings(network, handed.Root, from.Options, handed._holding)
            : null;
        return settings is not null;
    }

    /// <summary>All settings, for a child process; the network by its name.</summary>
    public NodeSettings HandOver()
    {
        Dictionary<string, string[]> values = _values.Where(
            static pair => NetworkOption.Options.All(option => option.Name != pair.Key))
            .ToDictionary();
        values["chain"] = [Network.Name];
        return new NodeSettings(Root, values, new Dictionary<string, string>(_holding));
    }

    /// <summary>A copy with another value of an option.</summary>
    public Settings With(string name, string value)
    {
        Dictionary<string, string> holding = new(_holding);
        holding.Remove(name);
        return new Settings(Network, Root, new Dictionary<string, string[]>(_values) { [name] = [value] }, holding)
        {
            Warnings = Warnings,
            Complaints = Complaints,
            Asides = Asides,
            Sources = Sources,
        };
    }

    /// <summary>A copy with a default for an option: it counts only if the option was not given.</summary>
    public Settings WithDefault(string name, string value)
    {
        return Last(name) is not null ? this : With(name, value);
    }

    /// <inheritdoc/>
    public bool IsOn(string name, bool byDefault = false)
        => Last(name) is { } value ? OptionText.IsTrue(value) : byDefault;

    /// <inheritdoc/>
    public string? Last(string name)
        => _holding.GetValueOrDefault(name)
            ?? (_values.TryGetValue(name, out string[]? values) && values.Length > 0 ? values[^1] : null);

    /// <inheritdoc/>
    public IReadOnlyList<string> All(string name) => OptionText.AfterNegation(_values.GetValueOrDefault(name) ?? []);

    /// <summary>Whether an option was negated, with or without values after it.</summary>
    public bool IsNegated(string name) => _values.GetValueOrDefault(name) is [Negation, ..];

    /// <summary>Whether an option has a value that is not a negation.</summary>
    public bool IsGiven(string name) => Last(name) is not (null or "0");

    private static string Qualified(string section, string name) => section.Length == 0 ? name : $"{section}.{name}";

    /// <summary>
    /// Finds a configuration file in the data directory that was not read: its owner probably believes that it is used.
    /// </summary>
    private static bool TryCheckIgnored(
        CommandLine line,
        string root,
        string given,
        string path,
        Settings merged,
        List<string> warnings,
        [NotNullWhen(false)] out string? error)
    {
        error = null;
        string own = Path.Combine(root, Currency.Names.ConfigFile);
        if (!Path.Exists(own) || (path.Length > 0 && Path.GetFullPath(path) == Path.GetFullPath(own)))
        {
            return true;
        }

        if (path.Length == 0)
        {
            warnings.Add(
                $"Data directory \"{root}\" contains a \"{Currency.Names.ConfigFile}\" file which is explicitly ignored using "
                    + $"-noconf.");
            return true;
        }

        string source = line.Last("conf") is { Length: > 0 } named
            ? $"command line argument \"-conf={named}\""
            : $"data directory \"{Path.GetDirectoryName(path) ?? given}\"";
        string text =
            $"Data directory \"{root}\" contains a \"{Currency.Names.ConfigFile}\" file which is ignored, because a different "
                + $"configuration file \"{path}\" from {source} is being used instead. "
            + $"To have one: delete or rename \"{own}\", or change datadir= or conf=, and use includeconf= for any "
            + $"other file.";
        if (merged.IsOn("allowignoredconf"))
        {
            warnings.Add(text);
            return true;
        }

        error = text + "\nWith allowignoredconf=1 this is a warning, and no error.";
        return false;
    }

    private static bool TryReadFile(
        string? option,
        string root,
        [NotNullWhen(true)] out ConfigFile? file,
        out string path,
        [NotNullWhen(false)] out string? error)
    {
        file = ConfigFile.Empty();
        error = null;
        path = option == "0"
            ? ""
            : option is null or ""
            ? DataDirectory.ConfigFile(root, Currency.Names.ConfigFile)
            : Path.Combine(root, option);
        if (option == "0" || (option is null && !Path.Exists(path)))
        {
            return true;
        }

        if (System.IO.Directory.Exists(path))
        {
            error = $"Error reading configuration file: Config file \"{path}\" is a directory.";
            return false;
        }

        if (TryReadBytes(path) is not { } bytes)
        {
            // A file that no option names may be missing or unreadable.
            error = option is null
                ? null
                : $"Error reading configuration file: specified config file \"{option}\" could not be opened.";
            return error is null;
        }

        bool good = ConfigFile.TryParse(bytes, path, out file, out error);
        error = good ? null : $"Error reading configuration file: {error}";
        return good;
    }

    private static IReadOnlyList<string> Included(ConfigFile file, string section)
        => OptionText.AfterNegation(file.Values(section, ConfigFile.IncludeOption));

    /// <summary>Adds the files that a section includes.</summary>
    private static bool TryInclude(ConfigFile file, string root, string section, [NotNullWhen(false)] out string? error)
    {
        error = null;
        foreach (string name in Included(file, section).ToArray())
        {
            string path = Path.Combine(root, name);
            if (System.IO.Directory.Exists(path))
            {
                error = $"Error reading configuration file: Included config file \"{path}\" is a directory.";
                return false;
            }

            if (TryReadBytes(path) is not { } bytes)
            {
                error = $"Error reading configuration file: Failed to include configuration file {name}";
                return false;
            }

            file.IncludedFiles.Add(name);
            if (!file.TryAdd(bytes, name, out error))
            {
                error = $"Error reading configuration file: {error}";
                return false;
            }
        }

        return true;
    }

    private static byte[]? TryReadBytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static Settings Merge(
        CommandLine line, ConfigFile file, string? section, NetworkParameters network, string root)
    {
        Dictionary<string, List<string>> given = line.Values.ToDictionary();
        Dictionary<string, string[]> values = [];
        Dictionary<string, string> holding = [];
        foreach (string name in given.Keys.Concat(file.Names(ConfigFile.Everywhere))
            .Concat(section is null ? [] : file.Names(section))
            .Distinct())
        {
            bool isEverywhere = network.IsMain || !s_networkOnly.Contains(name);
            IReadOnlyList<string>[] sources =
                [
                    given.GetValueOrDefault(name) ?? [],
                    section is null ? [] : file.Values(section, name),
                    isEverywhere ? file.Values(ConfigFile.Everywhere, name) : [],
                ];
            bool isNegated = Array.Exists(
                sources, static source => OptionText.AfterNegation(source).Count < source.Count);
            string[] all = [.. isNegated ? [Negation] : Array.Empty<string>(), .. WithoutNegated(sources)];
            if (sources.FirstOrDefault(static source => source.Count > 0) is not { } first)
            {
                continue;
            }

            IReadOnlyList<string> held = OptionText.AfterNegation(first);
            string holds = held.Count == 0 ? first[^1] : first == sources[0] ? held[^1] : held[0];
            values[name] = all;
            if (all.Length == 0 || all[^1] != holds)
            {
                holding[name] = holds;
            }
        }

        return new Settings(network, root, values, holding);
    }

    /// <summary>
    /// The values of all sources, up to the first source that negates the option; sources after it do not count.
    /// </summary>
    private static IEnumerable<string> WithoutNegated(IEnumerable<IReadOnlyList<string>> sources)
    {
        foreach (IReadOnlyList<string> source in sources)
        {
            IReadOnlyList<string> held = OptionText.AfterNegation(source);
            foreach (string value in held)
            {
                yield return value;
            }

            if (held.Count < source.Count)
            {
                yield break;
            }
        }
    }
}
