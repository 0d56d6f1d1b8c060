namespace Multiprocess;

/// <summary>
/// Marks a contract member with a body as local: the body runs in the calling process, and nothing is sent.
/// </summary>
/// <remarks>
/// Without this attribute, a default member is virtual and therefore remote; its body runs in the calling process only
/// when an older peer does not have the member. Sealed, private and static members are always local.
/// </remarks>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Event, Inherited = false)]
public sealed class IpcLocalAttribute : Attribute;
