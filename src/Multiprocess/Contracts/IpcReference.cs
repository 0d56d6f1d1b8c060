using System.ComponentModel;

namespace Multiprocess.Contracts;

/// <summary>What a proxy holds: a counted reference to an object of the peer.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class IpcReference
{
    internal IpcReference()
    {
    }
}
