using System.Diagnostics.CodeAnalysis;
using Bitcoin.Interfaces;

namespace Bitcoin.Hosting;

/// <summary>Opens the log of a process beside the node. The log of a confined process is opened by its node.</summary>
public static class ChildLog
{
    /// <summary>Opens the log once the settings of the process are known.</summary>
    /// <param name="log">The log to open.</param>
    /// <param name="path">The log file of an unconfined process; null for none.</param>
    /// <param name="console">The console to print the log to; null for none.</param>
    /// <param name="categories">The categories to log.</param>
    /// <param name="node">The chain of the node that opens the file for a confined process; otherwise null.</param>
    public static void Open(
        DebugLog log, string? path, TextWriter? console, IEnumerable<string> categories, IChain? node)
    {
        ArgumentNullException.ThrowIfNull(log);
        if (node is null)
        {
            log.Open(path, console, categories);
        }
        else
        {
            log.OpenBy(() => OpenFile(node), console, categories);
        }
    }

    /// <summary>
    /// Writes each line to the node's log too. If the node is gone, the line is in the process's log only.
    /// </summary>
    /// <param name="log">The process's log.</param>
    /// <param name="node">The node's chain.</param>
    public static void CopyTo(DebugLog log, IChain node)
    {
        ArgumentNullException.ThrowIfNull(log);
        log.Copy = (category, line) => Copy(node, category, line);
    }

    [SuppressMessage("Design", "CA1031", Justification = "A log never fails its writer. Others notice a lost node.")]
    private static void Copy(IChain node, string category, string line)
    {
        try
        {
            node.Log(category, line);
        }
        catch (Exception)
        {
            // The line is in this process's log.
        }
    }

    /// <summary>Asks the node for the file.</summary>
    /// <exception cref="IOException">The node cannot open it, or is gone.</exception>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever the call ended with, the log cannot be opened.")]
    private static FileStream OpenFile(IChain chain)
    {
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
