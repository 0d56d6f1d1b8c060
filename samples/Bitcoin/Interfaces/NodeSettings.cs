namespace Bitcoin.Interfaces;

/// <summary>
/// The settings that a program passes to the node it spawns. They were read once; the node does not read them again.
/// </summary>
/// <param name="DataDirectory">The value of -datadir, absolute; empty for the default.</param>
/// <param name="Options">
/// Options from the command line and the configuration file, by name, each with its values in order.
/// </param>
/// <param name="Holding">
/// For options with several values: the value that counts where only one is wanted. For options not named here, the
/// last value counts.
/// </param>
public sealed record NodeSettings(
    string DataDirectory, Dictionary<string, string[]> Options, Dictionary<string, string>? Holding = null);
