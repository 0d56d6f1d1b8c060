namespace Bitcoin.GuiWeb.Model;

/// <summary>A call to the node failed. The message is for the user.</summary>
internal sealed class NodeCallException(int code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The node has gone, or cannot be reached.</summary>
    internal const int Unreachable = 0;

    /// <summary>The JSON-RPC code; <see cref="Unreachable"/> if the node did not answer.</summary>
    internal int Code { get; } = code;
}
