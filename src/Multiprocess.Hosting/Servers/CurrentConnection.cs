namespace Multiprocess.Hosting.Servers;

/// <summary>The connection of a scope.</summary>
internal sealed class CurrentConnection
{
    /// <summary>Set before any other service of the scope is created.</summary>
    public IpcConnection? Connection { get; set; }
}
