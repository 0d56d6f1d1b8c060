namespace Multiprocess;

/// <summary>
/// Marks a parameter (an interface or a delegate) that the callee may use only until the call has ended.
/// </summary>
/// <remarks>
/// <para>
/// The callee releases the reference with the answer (for an asynchronous method: when its task has completed), not
/// when its proxy is garbage collected. The caller's object is therefore free at once. A proxy that the callee kept
/// throws <see cref="ObjectDisposedException"/>. The attribute has no effect on an object that the callee also holds
/// through another reference, or on the callee's own object coming back.
/// </para>
/// <para>The attribute does not affect the caller; only the callee's side needs it.</para>
/// </remarks>
/// <example><code>
/// int Sum([IpcBorrowed] INode tree, [IpcBorrowed] Action&lt;int&gt; onProgress);
/// </code></example>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class IpcBorrowedAttribute : Attribute;
