using Multiprocess;

namespace Company.Ipc1;

/// <summary>The contract between the processes. Add members here: proxy and stub are generated.</summary>
[IpcInterface]
public interface IGreeter
{
    string Greet(string name);

    /// <summary>
    /// Calls <paramref name="onGreeting"/> with each greeting, until the returned object is disposed.
    /// </summary>
    IDisposable Watch(Action<string> onGreeting);
}
