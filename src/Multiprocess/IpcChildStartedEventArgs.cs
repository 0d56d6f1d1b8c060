namespace Multiprocess;

/// <summary>A supervised child runs and was prepared: its root is given out from now on.</summary>
/// <typeparam name="T">The contract of the root that the child serves.</typeparam>
/// <param name="child">The child.</param>
/// <param name="restarts">How many children were started after the first one, this one among them.</param>
public sealed class IpcChildStartedEventArgs<T>(IpcChildProcess<T> child, int restarts) : EventArgs where T : class
{
    /// <summary>The child. It is the supervisor's to dispose.</summary>
    public IpcChildProcess<T> Child { get; } = child;

    /// <summary>How many children were started after the first one, this one among them; 0 for the first.</summary>
    public int Restarts { get; } = restarts;
}
