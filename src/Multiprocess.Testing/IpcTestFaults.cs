namespace Multiprocess;

/// <summary>Faults to inject into a test pair, for each direction on its own.</summary>
public sealed class IpcTestFaults
{
    internal IpcTestFaults()
    {
    }

    /// <summary>What the client's end sends.</summary>
    public IpcTestDirection ClientToServer { get; } = new();

    /// <summary>What the server's end sends.</summary>
    public IpcTestDirection ServerToClient { get; } = new();
}
