namespace Bitcoin.Interfaces;

/// <summary>What a wallet takes over from the node that started it.</summary>
/// <param name="Network">The name of the network.</param>
/// <param name="DataDirectory">The network's data directory, absolute; empty when nothing is to be written.</param>
/// <param name="PrintToConsole">Whether the log goes to the console.</param>
/// <param name="DebugCategories">The log categories that are switched on.</param>
/// <param name="Wallets">The wallets to load at the start.</param>
/// <param name="Options">The options that are for wallets, as they were given.</param>
public sealed record WalletSettings(
    string Network,
    string DataDirectory,
    bool PrintToConsole,
    string[] DebugCategories,
    string[]? Wallets = null,
    Dictionary<string,
    string>? Options = null);
