using Bitcoin.Interfaces;

namespace Bitcoin.Hosting;

/// <summary>Returns its argument: a call that does nothing else.</summary>
public sealed class ProcessEcho : IEcho
{
    /// <inheritdoc/>
    public string Echo(string text) => text;
}
