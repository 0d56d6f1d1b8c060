using Bitcoin.Primitives;

namespace Bitcoin.Gui;

/// <summary>What a user chooses before the first start.</summary>
/// <param name="Network">The network.</param>
/// <param name="Directory">The directory of all networks, absolute.</param>
/// <param name="IsNetworkGiven">Whether the command line names the network, so that there is no choice.</param>
public sealed record StartChoice(NetworkParameters Network, string Directory, bool IsNetworkGiven);
