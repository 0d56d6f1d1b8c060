using System.Diagnostics.CodeAnalysis;
using Bitcoin.Hosting;
using Bitcoin.Primitives;

namespace Bitcoin.Gui;

/// <summary>
/// The choice of network and directory before the first start. The choice is written to the configuration file of the
/// default directory, so that all programs follow it.
/// </summary>
internal sealed class FirstStart
{
    private readonly CommandLine _line;
    private readonly IReadOnlyList<Option> _options;

    private FirstStart(CommandLine line, IReadOnlyList<Option> options, Settings settings)
    {
        _line = line;
        _options = options;
        Proposed = new StartChoice(
            settings.Network, settings.Root, NetworkOption.Options.Any(option => line.Last(option.Name) is not null));
    }

    /// <summary>What happens when the user changes nothing.</summary>
    internal StartChoice Proposed { get; }

    /// <summary>The settings under the accepted choice; null before.</summary>
    internal Settings? Settings { get; private set; }

    /// <summary>
    /// The first start of a user: nothing says where files are, and there are none. Null for every other start.
    /// </summary>
    internal static FirstStart? Find(CommandLine line, IReadOnlyList<Option> options, Settings settings)
    {
        // A node that runs already has a network and a directory.
        string[] decided = ["datadir", "conf", "ipcconnect"];
        if (decided.Any(name => line.Last(name) is not null))
        {
            return null;
        }

        string root = DataDirectory.Root(null);
        bool isFirst = !Path.Exists(DataDirectory.ConfigFile(root, Currency.Names.ConfigFile))
            && (!Directory.Exists(root) || !Directory.EnumerateFileSystemEntries(root).Any());
        return isFirst || line.IsOn(GuiOptions.ChooseDirectory) ? new FirstStart(line, options, settings) : null;
    }

    /// <summary>Stores a choice and reads the settings again.</summary>
    /// <returns>What is wrong with the choice, for the user; null if it was stored.</returns>
    internal string? Accept(StartChoice choice)
    {
        if (!TryCheck(choice.Directory, out string? error))
        {
            return error;
        }

        string root = DataDirectory.Root(null);
        string file = Path.Combine(root, Currency.Names.ConfigFile);
        string read = DataDirectory.ConfigFile(root, Currency.Names.ConfigFile);
        if (read != file)
        {
            // A file of this program's own would hide everything that stands in the other one.
            return $"Directory: '{read}' is in force, and this program never changes it. Set datadir= there.";
        }

        bool isDefault = Path.GetFullPath(choice.Directory) == root;
        try
        {
            DataDirectory.Create(root);
            DataDirectory.Create(choice.Directory);
            Dictionary<string, string?> changes = new() { ["datadir"] = isDefault ? null : choice.Directory };
            if (!choice.IsNetworkGiven)
            {
                changes["chain"] = choice.Network.IsMain ? null : choice.Network.Name;
                foreach (NetworkParameters network in Currency.Current.Networks.Where(static one => !one.IsMain))
                {
                    changes[network.Switch] = null;
                }
            }

            ConfigEdit.Apply(file, changes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }

        if (!Settings.TryMake(_line, _options, out Settings? settings, out error))
        {
            return error;
        }

        Settings = settings;
        return null;
    }

    private static bool TryCheck(string directory, [NotNullWhen(false)] out string? error)
    {
        string own = Path.Combine(directory, Currency.Names.ConfigFile);
        error = !Path.IsPathFullyQualified(directory)
            ? $"Directory: Expected an absolute path, got '{directory}'."
            : directory.AsSpan().IndexOfAny('\n', '\r', '#') >= 0
            ? $"Directory: Expected a path without line breaks and '#', got '{directory}'."
            : File.Exists(directory)
            ? $"Directory: Expected a directory, got the file '{directory}'."
            : Path.GetFullPath(directory) != DataDirectory.Root(null) && Path.Exists(own)
            ? $"Directory: '{directory}' has a {Currency.Names.ConfigFile} of its own. To use it, start with "
                + $"-datadir={directory}."
            : null;
        return error is null;
    }
}
