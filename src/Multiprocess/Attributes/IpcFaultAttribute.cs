namespace Multiprocess;

/// <summary>Marks an exception type that crosses whole: thrown on one side, it is caught as that type on the other.</summary>
/// <remarks>
/// It derives from <see cref="Exception"/> or from one of the base library's that has nothing more, such as
/// <see cref="InvalidOperationException"/> and <see cref="IOException"/>. The members that a constructor or a
/// setter can restore cross with it. Message and inner exception arrive as they were, whatever the constructor makes of the
/// texts that it is given, and an overridden <see cref="Exception.Message"/> is asked on the other side as it was on this. Other exceptions that are not on the fixed
/// list of the base library's arrive as <see cref="IpcRemoteException"/>.
/// </remarks>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class IpcFaultAttribute : Attribute;
