using Bitcoin.Interfaces;

namespace Bitcoin.Node;

/// <summary>Says what it is told.</summary>
public sealed class NodeEcho : IEcho
{
    /// <inheritdoc/>
    public string Echo(string text) => text;
}
