using Microsoft.Extensions.Hosting;

namespace Multiprocess.Hosting.Parents;

/// <summary>
/// A host lifetime that does nothing: the parent decides when this host ends, and <see cref="ParentLink{T}"/> handles
/// signals.
/// </summary>
internal sealed class ParentLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
