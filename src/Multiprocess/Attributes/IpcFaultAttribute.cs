namespace Multiprocess;

/// <summary>
/// Marks an exception type that is transferred completely: thrown on one side, it is caught as the same type on the
/// other.
/// </summary>
/// <remarks>
/// The type must derive from <see cref="Exception"/> or from a base library exception without further data, such as
/// <see cref="InvalidOperationException"/> or <see cref="IOException"/>. Members that a constructor or a setter can
/// restore are transferred. The message and the inner exception arrive unchanged, whatever the constructor does with
/// its arguments. An overridden <see cref="Exception.Message"/> is evaluated on the receiving side too. Exceptions
/// without this attribute arrive as <see cref="IpcRemoteException"/>, unless they are on the fixed list of base library
/// exceptions.
/// </remarks>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class IpcFaultAttribute : Attribute;
