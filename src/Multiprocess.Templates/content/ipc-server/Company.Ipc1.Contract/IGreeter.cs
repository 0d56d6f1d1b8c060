using Multiprocess;

namespace Company.Ipc1;

/// <summary>What crosses from process to process. Add members here: proxy and stub are generated.</summary>
[IpcInterface]
public interface IGreeter
{
    string Greet(string name);

    /// <summary>Calls <paramref name="onGreeting"/> with each greeting, until what is returned is disposed.</summary>
    IDisposable Watch(Action<string> onGreeting);
}
