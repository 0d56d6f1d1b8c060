using Multiprocess;

namespace Bitcoin.Interfaces;

/// <summary>Says what it is told: shows that a process is there and answers.</summary>
[IpcInterface]
public interface IEcho
{
    /// <summary>Gives back the text.</summary>
    string Echo(string text);
}
