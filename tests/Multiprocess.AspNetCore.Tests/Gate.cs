using Multiprocess.Hosting.Tests;

namespace Multiprocess.AspNetCore.Tests;

internal sealed class GateLog
{
    public System.Collections.Concurrent.BlockingCollection<string> Events { get; } = [];

    /// <summary>The server's end of the last connection that asked who it is.</summary>
    public IpcConnection? Connection { get; set; }
}

/// <summary>What is served; says when it begins to wait, and when its scope ends.</summary>
internal sealed class Gate(IpcConnection connection, GateLog log) : IGate, IDisposable
{
    public string Who()
    {
        log.Connection = connection;
        return connection.Peer.UserName ?? connection.Peer.CertificateSubject ?? "nobody";
    }

    public int Ask(Func<int, int> question) => question(21);

    public byte[] Echo(byte[] bytes) => bytes;

    public async Task<string> WaitAsync(CancellationToken cancellationToken = default)
    {
        log.Events.Add("waiting", CancellationToken.None);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        catch (OperationCanceledException)
        {
        }

        return "cancelled";
    }

    public void Dispose() => log.Events.Add("disposed");
}
