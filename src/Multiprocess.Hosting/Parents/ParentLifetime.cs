using Microsoft.Extensions.Hosting;

namespace Multiprocess.Hosting.Parents;

/// <summary>
/// The parent decides when this host ends; the signals that a console's lifetime would take are the link's.
/// </summary>
internal sealed class ParentLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
