namespace Multiprocess;

/// <summary>Marks a parameter, a result or a member whose value only the callee may see.</summary>
/// <remarks>
/// The value is transferred, but never appears in logs, message traces or exception texts, and the message buffers that
/// contained it are wiped. The value itself belongs to the program: a <see cref="string"/> stays in memory until the
/// garbage collector reuses that memory, and cannot be wiped; a <see cref="SecretString"/> can. A marked member of an
/// exception is not transferred at all.
/// </remarks>
[AttributeUsage(
    AttributeTargets.Parameter | AttributeTargets.ReturnValue | AttributeTargets.Property | AttributeTargets.Field)]
public sealed class IpcSensitiveAttribute : Attribute;
