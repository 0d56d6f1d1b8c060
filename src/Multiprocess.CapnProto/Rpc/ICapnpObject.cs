namespace Multiprocess.CapnProto.Rpc;

/// <summary>An object whose methods a peer can call by Cap'n Proto.</summary>
/// <remarks>
/// <para>
/// Calls of one object begin in the order in which they arrive, on the thread pool. Each call begins when the previous
/// one has returned its task; then they run side by side. Calls of different objects do not wait for each other.
/// </para>
/// <para>
/// When no reference to the object is left, or all connections with references are lost, the object is disposed if it
/// is <see cref="IDisposable"/> or <see cref="IAsyncDisposable"/>.
/// </para>
/// </remarks>
public interface ICapnpObject
{
    /// <summary>Runs a method. The end of the task, or its exception, is the answer.</summary>
    /// <param name="call">
    /// The method, its parameters and its results. Valid until the task has ended. For a method that the object does
    /// not have, throw <see cref="CapnpCall.Unknown"/>.
    /// </param>
    ValueTask CallAsync(CapnpCall call);
}
