namespace Multiprocess;

/// <summary>Marks a parameter, a result or a member whose value must be seen by the callee alone.</summary>
/// <remarks>
/// It crosses, but reaches no log, no trace of payloads and no text of an exception, and the message buffers that held it
/// are wiped. The value itself is the program's: a <see cref="string"/> stays in memory until the collector reuses it, and
/// nobody can wipe it; <see cref="SecretString"/> can be. A member of an exception that is marked does not cross at all.
/// </remarks>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.ReturnValue | AttributeTargets.Property | AttributeTargets.Field)]
public sealed class IpcSensitiveAttribute : Attribute;
