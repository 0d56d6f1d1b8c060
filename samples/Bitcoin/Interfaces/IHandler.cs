using Multiprocess;

namespace Bitcoin.Interfaces;

/// <summary>A listener's registration. Disposing it disconnects it.</summary>
[IpcInterface]
public interface IHandler : IDisposable
{
    /// <summary>Ends the registration: no notification starts afterwards. May be called more than once.</summary>
    void Disconnect();
}
