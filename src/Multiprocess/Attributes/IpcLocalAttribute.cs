namespace Multiprocess;

/// <summary>Marks a member of a contract that has a body: the body runs in the process that calls, and nothing crosses.</summary>
/// <remarks>
/// Without it, a default member is virtual and hence remote; its body runs here only when the peer, being older, lacks
/// the member. Members that are sealed, private or static are local anyway.
/// </remarks>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property | AttributeTargets.Event, Inherited = false)]
public sealed class IpcLocalAttribute : Attribute;
