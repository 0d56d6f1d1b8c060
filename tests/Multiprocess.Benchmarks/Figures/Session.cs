using Multiprocess.Benchmarks.Measuring;
using Multiprocess.Benchmarks.Output;
using Multiprocess.Benchmarks.Peers;

namespace Multiprocess.Benchmarks.Figures;

/// <summary>One placement's processes and where its readings go.</summary>
internal sealed class Session(Placement placement, Effort effort, string? nativeWorker, Action<Reading> report)
    : IDisposable
{
    private Server? _server;
    private HttpPeer? _http;

    public Placement Placement { get; } = placement;

    public Effort Effort { get; } = effort;

    /// <summary>The Calculator's worker as native code; null where nobody published it.</summary>
    public string? NativeWorker { get; } = nativeWorker;

    /// <summary>The server that most figures share; it is warm after the first.</summary>
    public Server Server => _server ??= new Server(Placement);

    /// <summary>The peer over HTTP.</summary>
    public HttpPeer Http => _http ??= new HttpPeer(Placement);

    public void Report(string name, double value, string unit, double? ratio = null)
        => report(new Reading(name, value, unit, ratio, Placement.Name));

    public void Dispose()
    {
        _http?.Dispose();
        _server?.Dispose();
    }
}
