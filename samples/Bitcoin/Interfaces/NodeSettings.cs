namespace Bitcoin.Interfaces;

/// <summary>
/// What a program hands to the node that it spawns: all it was given itself, read once and not a second time.
/// </summary>
/// <param name="DataDirectory">The value of -datadir, absolute; empty for the default.</param>
/// <param name="Options">
/// Options from the command line and the configuration file, by name, each with its values in order.
/// </param>
/// <param name="Holding">
/// Of options that have several values the one that holds where one is wanted; the last, for those that are not named
/// here.
/// </param>
public sealed record NodeSettings(
    string DataDirectory, Dictionary<string, string[]> Options, Dictionary<string, string>? Holding = null);
