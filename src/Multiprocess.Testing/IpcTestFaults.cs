namespace Multiprocess;

/// <summary>Faults to inject into a test pair, separately for each direction.</summary>
public sealed class IpcTestFaults
{
    internal IpcTestFaults()
    {
    }

    /// <summary>Faults in what the client's end sends.</summary>
    public IpcTestDirection ClientToServer { get; } = new();

    /// <summary>Faults in what the server's end sends.</summary>
    public IpcTestDirection ServerToClient { get; } = new();
}
