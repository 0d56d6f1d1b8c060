namespace Bitcoin.Rpc;

/// <summary>A server and its cookie. Dispose stops the server and deletes the cookie.</summary>
public sealed class RunningRpcServer(HttpRpcServer server, string? cookie) : IDisposable
{
    /// <summary>Refuses requests from now on.</summary>
    public void Interrupt() => server.Interrupt();

    /// <inheritdoc/>
    public void Dispose()
    {
        server.Dispose();
        if (cookie is not null)
        {
            File.Delete(cookie);
        }
    }
}
