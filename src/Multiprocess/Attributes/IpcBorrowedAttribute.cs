namespace Multiprocess;

/// <summary>Marks a parameter, an interface or a delegate, that the callee may use only until the call has ended.</summary>
/// <remarks>
/// <para>
/// The reference is given back with the answer (of an asynchronous method, when its task has ended), not when the callee's
/// proxy is collected: the caller's object is free at once. A callee that kept the proxy finds it ended:
/// <see cref="ObjectDisposedException"/>. Nothing changes for an object that the callee also holds by another way, or
/// that is its own and comes home.
/// </para>
/// <para>It says nothing to the caller, and needs to be known on the callee's side only.</para>
/// </remarks>
/// <example><code>
/// int Sum([IpcBorrowed] INode tree, [IpcBorrowed] Action&lt;int&gt; onProgress);
/// </code></example>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class IpcBorrowedAttribute : Attribute;
