namespace Multiprocess.Hosting.Contracts;

/// <summary>The child's host, as its parent sees it.</summary>
[IpcInterface]
internal interface IHostedChild
{
    /// <summary>
    /// Asks the host to stop. Returns at once; the end of the process shows that the host has stopped.
    /// </summary>
    Task StopAsync();
}
