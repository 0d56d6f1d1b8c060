namespace Multiprocess.Protocols;

/// <summary>What each side says about itself in its first message.</summary>
/// <param name="Version">The version of the protocol.</param>
/// <param name="ProcessId">The sender's process id.</param>
/// <param name="Serves">The contract of the root that the sender serves, or null.</param>
/// <param name="ServesFingerprint">The fingerprint of that contract.</param>
/// <param name="Wants">The contract of the root that the sender expects, or null.</param>
/// <param name="WantsFingerprint">The fingerprint of that contract.</param>
/// <param name="MaxFrameBytes">The largest frame that the sender accepts, in bytes.</param>
/// <param name="Abilities">The optional features that the sender supports.</param>
/// <param name="MaxDescriptors">Most descriptors that the sender accepts with one message; 0 for none.</param>
internal sealed record Hello(
    int Version,
    int ProcessId,
    string? Serves,
    ulong ServesFingerprint,
    string? Wants,
    ulong WantsFingerprint,
    int MaxFrameBytes,
    HelloAbilities Abilities = HelloAbilities.None,
    int MaxDescriptors = 0);
