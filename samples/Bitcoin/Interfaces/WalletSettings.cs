namespace Bitcoin.Interfaces;

/// <summary>The settings that wallets receive from the node that started them.</summary>
/// <param name="Network">The name of the network.</param>
/// <param name="DataDirectory">The network's data directory, absolute; empty to write no files.</param>
/// <param name="PrintToConsole">Whether the log goes to the console.</param>
/// <param name="DebugCategories">The log categories that are switched on.</param>
/// <param name="Wallets">The wallets to load at the start.</param>
/// <param name="Options">Those options that are for wallets, as they were given.</param>
/// <param name="IsConfined">Whether the node opens the log, and the files that commands name, for the process.</param>
public sealed record WalletSettings(
    string Network,
    string DataDirectory,
    bool PrintToConsole,
    string[] DebugCategories,
    string[]? Wallets = null,
    Dictionary<string, string>? Options = null,
    bool IsConfined = false);
