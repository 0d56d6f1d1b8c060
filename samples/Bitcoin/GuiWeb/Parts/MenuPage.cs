using MudBlazor;

namespace Bitcoin.GuiWeb.Parts;

/// <summary>A page of the menu.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Title">Its title, in English.</param>
/// <param name="Icon">Its icon, as SVG.</param>
internal sealed record MenuPage(string Path, string Title, string Icon)
{
    internal static MenuPage[] All { get; } =
    [
        new("/", "Overview", Icons.Material.Filled.SpaceDashboard),
        new("/send", "Send", Icons.Material.Filled.CallMade),
        new("/receive", "Receive", Icons.Material.Filled.CallReceived),
        new("/transactions", "Transactions", Icons.Material.Filled.SwapVert),
        new("/network", "Blocks and peers", Icons.Material.Filled.Hub),
        new("/console", "Console", Icons.Material.Filled.Terminal),
        new("/processes", "Processes", Icons.Material.Filled.AccountTree),
        new("/wallets", "Wallets", Icons.Material.Filled.AccountBalanceWallet),
        new("/settings", "Settings", Icons.Material.Filled.Settings),
    ];
}
