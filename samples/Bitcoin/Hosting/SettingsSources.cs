namespace Bitcoin.Hosting;

/// <summary>Describes the sources of settings, as lines for the log.</summary>
internal static class SettingsSources
{
    private const string Hidden = "****";

    /// <summary>The files and all given options, sorted by name; secrets by their names only.</summary>
    internal static IEnumerable<string> Describe(
        CommandLine line, ConfigFile file, IReadOnlyList<Option> known, string root, string path)
    {
        yield return $"Default data directory {DataDirectory.Root(null)}";
        yield return $"Using data directory {root}";
        yield return path.Length == 0
            ? "Config file: <disabled>"
            : File.Exists(path)
            ? $"Config file: {path}"
            : $"Config file: {path} (not found, skipping)";
        foreach ((string section, string name, string json) in file.Given.OrderBy(
            static given => given.Section, StringComparer.Ordinal)
            .ThenBy(static given => given.Name, StringComparer.Ordinal))
        {
            if (known.FirstOrDefault(option => option.Name == name) is { } option)
            {
                yield return
                    $"Config file arg: {(section.Length == 0 ? "" : $"[{section}] ")}{name}={Shown(option, json)}";
            }
        }

        foreach ((Option option, string json) in line.Given.OrderBy(
            static given => given.Option.Name, StringComparer.Ordinal))
        {
            yield return $"Command-line arg: {option.Name}={Shown(option, json)}";
        }
    }

    private static string Shown(Option option, string json) => option.Rules.HasFlag(OptionRules.Secret) ? Hidden : json;
}
