using Multiprocess;

namespace Bitcoin.Interfaces;

/// <summary>Returns its argument: shows that a process runs and answers.</summary>
[IpcInterface]
public interface IEcho
{
    /// <summary>Returns the text.</summary>
    string Echo(string text);
}
