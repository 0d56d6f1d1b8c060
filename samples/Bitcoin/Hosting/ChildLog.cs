using System.Diagnostics.CodeAnalysis;
using Bitcoin.Interfaces;

namespace Bitcoin.Hosting;

/// <summary>The log of a confined process, which its node opens.</summary>
public static class ChildLog
{
    /// <summary>Asks the node for the file.</summary>
    /// <param name="chain">The node's chain.</param>
    /// <exception cref="IOException">The node cannot open it, or is gone.</exception>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever the call ended with, the log cannot be opened.")]
    public static Stream Open(IChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        try
        {
            return new FileStream(chain.OpenLog(), FileAccess.Write, bufferSize: 0);
        }
        catch (Exception exception) when (exception is not IOException)
        {
            throw new IOException(exception.Message, exception);
        }
    }
}
