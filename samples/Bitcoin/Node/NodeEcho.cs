using Bitcoin.Interfaces;

namespace Bitcoin.Node;

/// <summary>Returns its argument.</summary>
public sealed class NodeEcho : IEcho
{
    /// <inheritdoc/>
    public string Echo(string text) => text;
}
