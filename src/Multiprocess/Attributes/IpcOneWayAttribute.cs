namespace Multiprocess;

/// <summary>
/// Marks a method or an event that returns nothing as one-way: the call is handed over in order and the caller, or who
/// raises the event, does not wait.
/// </summary>
/// <remarks>What the method throws is logged on the side that runs it and goes no further.</remarks>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Event, Inherited = false)]
public sealed class IpcOneWayAttribute : Attribute;
