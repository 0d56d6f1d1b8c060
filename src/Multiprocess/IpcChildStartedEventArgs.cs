namespace Multiprocess;

/// <summary>A supervised child is running and prepared; its root is available from now on.</summary>
/// <typeparam name="T">The contract of the root that the child serves.</typeparam>
/// <param name="child">The child.</param>
/// <param name="restarts">How many children were started after the first one, including this one.</param>
public sealed class IpcChildStartedEventArgs<T>(IpcChildProcess<T> child, int restarts) : EventArgs where T : class
{
    /// <summary>The child. The supervisor disposes it.</summary>
    public IpcChildProcess<T> Child { get; } = child;

    /// <summary>
    /// How many children were started after the first one, including this one; 0 for the first child.
    /// </summary>
    public int Restarts { get; } = restarts;
}
