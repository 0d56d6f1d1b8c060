namespace Multiprocess.CapnProto.Rpc;

/// <summary>An object whose methods a peer can call by Cap'n Proto.</summary>
/// <remarks>
/// <para>
/// Calls of one object begin in the order in which they arrive, on the thread pool, each after the former one has
/// returned
/// its task; then they run side by side. Calls of different objects do not wait for each other.
/// </para>
/// <para>
/// When nobody refers to the object any more, or all connections that did are lost, it is disposed if it is
/// <see cref="IDisposable"/> or <see cref="IAsyncDisposable"/>.
/// </para>
/// </remarks>
public interface ICapnpObject
{
    /// <summary>Runs a method. Its end is the answer; what it throws is the answer too.</summary>
    /// <param name="call">
    /// Which method, its parameters and its results. Valid until the task has ended. For a method that the object does
    /// not
    /// have, throw <see cref="CapnpCall.Unknown"/>.
    /// </param>
    ValueTask CallAsync(CapnpCall call);
}
