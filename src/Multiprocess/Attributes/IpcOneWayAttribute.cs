namespace Multiprocess;

/// <summary>
/// Marks a method or an event without a result as one-way: calls are sent in order, and the caller does not wait for
/// them to run.
/// </summary>
/// <remarks>An exception of the method is logged on the side that runs it and does not reach the caller.</remarks>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Event, Inherited = false)]
public sealed class IpcOneWayAttribute : Attribute;
