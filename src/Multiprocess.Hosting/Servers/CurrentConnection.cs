namespace Multiprocess.Hosting.Servers;

/// <summary>The connection for which a scope was made.</summary>
internal sealed class CurrentConnection
{
    /// <summary>Set before anything else is made in the scope.</summary>
    public IpcConnection? Connection { get; set; }
}
