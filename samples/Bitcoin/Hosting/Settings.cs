using System.Diagnostics.CodeAnalysis;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;

namespace Bitcoin.Hosting;

/// <summary>What a program runs with: its command line, and behind it the configuration file.</summary>
public sealed class Settings : IOptionValues
{
    /// <summary>What is said of a wallet that is no name.</summary>
    public const string WalletValues = "Invalid value detected for '-wallet' or '-nowallet'. '-wallet' requires a string value, while '-nowallet' accepts only '1' to disable all wallets";

    private const string DefaultConfigFile = "bitcoin.conf";
    private const string IncludeOption = "includeconf";

    /// <summary>Outside their network's section these would be meant for the main network only.</summary>
    private static readonly string[] s_networkOnly = ["rpcbind", "rpcport", "wallet"];

    // By option, what holds standing last.
    private readonly Dictionary<string, string[]> _values;

    private Settings(NetworkParameters network, string root, Dictionary<string, string[]> values)
    {
        Network = network;
        Root = root;
        _values = values;
        Directory = Path.Combine(root, network.Directory);
    }

    /// <summary>Which network.</summary>
    public NetworkParameters Network { get; }

    /// <summary>The data directory, absolute.</summary>
    public string Root { get; }

    /// <summary>The network's part of the data directory, absolute.</summary>
    public string Directory { get; }

    /// <summary>What is odd, but no error: for the log.</summary>
    public IReadOnlyList<string> Warnings { get; private init; } = [];

    /// <summary>What is odd enough to be told the user at once.</summary>
    public IReadOnlyList<string> Complaints { get; private init; } = [];

    /// <summary>Puts a command line and the configuration file together.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="known">The options that may stand in the file; others there are ignored, as the file serves several programs.</param>
    /// <param name="settings">The result.</param>
    /// <param name="error">What is wrong, for the user.</param>
    public static bool TryMake(CommandLine line, IReadOnlyList<Option> known, [NotNullWhen(true)] out Settings? settings, [NotNullWhen(false)] out string? error)
    {
        settings = null;
        string root = DataDirectory.Root(line.Last("datadir"));
        if (!string.IsNullOrEmpty(line.Last("datadir")) && !System.IO.Directory.Exists(root))
        {
            error = $"Specified data directory \"{line.Last("datadir")}\" does not exist.";
            return false;
        }

        if (line.Last("includeconf") is { } include and not "0")
        {
            error = $"Error parsing command line arguments: -includeconf cannot be used from commandline; -includeconf=\"{include}\"";
            return false;
        }

        bool includes = line.Last("includeconf") is null;
        List<string> warnings = [];
        if (!TryReadFile(line.Last("conf"), root, out ConfigFile? file, out error)
            || (includes && !TryInclude(file, root, ConfigFile.Everywhere, warnings, out error)))
        {
            return false;
        }

        // The network first: it says which section holds.
        Settings everywhere = new(NetworkParameters.Main, root, Merge(line, file, section: null));
        if (!NetworkOption.TryChoose(everywhere, out NetworkParameters? network, out error))
        {
            return false;
        }

        if (includes && !TryInclude(file, root, network.Name, warnings, out error))
        {
            return false;
        }

        string? unsuitable = s_networkOnly.FirstOrDefault(name =>
            network != NetworkParameters.Main && line.Last(name) is null && file.Values(network.Name, name).Count == 0 && file.Values(ConfigFile.Everywhere, name).Count > 0);
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

        settings = new Settings(network, root, Merge(line, file, network.Name))
        {
            Complaints =
            [
                .. file.Sections.Where(static section => NetworkParameters.Find(section.Section) is null)
                    .Select(static section => LineText.Escape($"{section.File}:{section.Line} Section [{section.Section}] is not recognized.")),
            ],
            Warnings =
            [
                .. warnings,
                .. line.DoubleNegatives.Concat(file.DoubleNegatives).Select(static pair => $"Parsed potentially confusing double-negative -no{pair.Name}={pair.Value}"),
                .. file.Names(ConfigFile.Everywhere).Concat(file.Names(network.Name)).Where(name => known.All(option => option.Name != name)).Distinct().Select(static name => $"Ignoring unknown configuration value {name}"),
            ],
        };
        return true;
    }

    /// <summary>What a parent process handed over.</summary>
    public static bool TryTake(NodeSettings from, [NotNullWhen(true)] out Settings? settings, [NotNullWhen(false)] out string? error)
    {
        Settings handed = new(NetworkParameters.Main, DataDirectory.Root(from.DataDirectory), from.Options);
        settings = NetworkOption.TryChoose(handed, out NetworkParameters? network, out error) ? new Settings(network, handed.Root, from.Options) : null;
        return settings is not null;
    }

    /// <summary>What a child process is handed: all of it, the network by its name.</summary>
    public NodeSettings HandOver()
    {
        Dictionary<string, string[]> values = _values.Where(static pair => NetworkOption.Options.All(option => option.Name != pair.Key)).ToDictionary();
        values["chain"] = [Network.Name];
        return new NodeSettings(Root, values);
    }

    /// <summary>These settings, with an option that holds unless it was given.</summary>
    public Settings WithDefault(string name, string value)
    {
        return _values.ContainsKey(name) ? this : new Settings(Network, Root, new Dictionary<string, string[]>(_values) { [name] = [value] }) { Warnings = Warnings, Complaints = Complaints };
    }

    /// <inheritdoc/>
    public bool IsOn(string name, bool byDefault = false) => Last(name) is { } value ? value != "0" : byDefault;

    /// <inheritdoc/>
    public string? Last(string name) => _values.TryGetValue(name, out string[]? values) && values.Length > 0 ? values[^1] : null;

    /// <inheritdoc/>
    public IReadOnlyList<string> All(string name) => _values.TryGetValue(name, out string[]? values) && values.Length > 0 && values[^1] != "0" ? values : [];

    private static bool TryReadFile(string? option, string root, [NotNullWhen(true)] out ConfigFile? file, [NotNullWhen(false)] out string? error)
    {
        file = ConfigFile.Empty;
        error = null;
        string path = Path.Combine(root, option is null or "" ? DefaultConfigFile : option);
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
            // One that nobody named need not be there, nor be readable.
            error = option is null ? null : $"Error reading configuration file: specified config file \"{option}\" could not be opened.";
            return error is null;
        }

        bool good = ConfigFile.TryParse(bytes, path, out file, out error);
        if (good && file!.Values(ConfigFile.Everywhere, "conf").Count > 0)
        {
            good = false;
            error = "conf cannot be set in the configuration file; use includeconf= if you want to include additional config files";
        }

        error = good ? null : $"Error reading configuration file: {error}";
        return good;
    }

    /// <summary>Adds the files that a section names.</summary>
    private static bool TryInclude(ConfigFile file, string root, string section, List<string> warnings, [NotNullWhen(false)] out string? error)
    {
        string[] names = [.. file.Values(section, IncludeOption)];
        names = names.Length > 0 && names[^1] == "0" ? [] : names;
        foreach (string name in names)
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

            if (!file.TryAdd(bytes, name, out error))
            {
                error = $"Error reading configuration file: {error}";
                return false;
            }
        }

        // What the included files name themselves.
        warnings.AddRange(file.Values(section, IncludeOption).Skip(names.Length).Where(_ => names.Length > 0).Select(static name => $"-includeconf cannot be used from included files; ignoring -includeconf={name}"));
        error = null;
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

    private static Dictionary<string, string[]> Merge(CommandLine line, ConfigFile file, string? section)
    {
        Dictionary<string, string[]> merged = [];
        foreach (string name in file.Names(ConfigFile.Everywhere).Concat(section is null ? [] : file.Names(section)).Distinct())
        {
            // In a file the first value holds, on a command line the last.
            merged[name] = [.. file.Values(ConfigFile.Everywhere, name).Reverse(), .. section is null ? [] : file.Values(section, name).Reverse()];
        }

        foreach ((string name, List<string> values) in line.Values)
        {
            merged[name] = [.. merged.GetValueOrDefault(name) ?? [], .. values];
        }

        return merged;
    }
}
