namespace Multiprocess.Hosting.Contracts;

/// <summary>The child's host, as its parent sees it.</summary>
[IpcInterface]
internal interface IHostedChild
{
    /// <summary>Asks the host to stop. The answer comes at once; the end of the process says that it has.</summary>
    Task StopAsync();
}
