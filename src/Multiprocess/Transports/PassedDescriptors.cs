using Multiprocess.Native;

namespace Multiprocess.Transports;

/// <summary>The descriptors that arrived with one byte of a stream, each closed on exec.</summary>
/// <param name="Handles">The descriptors, in the sender's order.</param>
/// <param name="IsComplete">False when this process had no room for all of them.</param>
internal sealed record PassedDescriptors(NativeHandle[] Handles, bool IsComplete) : IDisposable
{
    /// <summary>Closes all of them.</summary>
    public void Dispose() => CloseAll(Handles);

    /// <summary>Closes descriptors.</summary>
    public static void CloseAll(IEnumerable<NativeHandle> handles)
    {
        foreach (NativeHandle handle in handles)
        {
            handle.Dispose();
        }
    }
}
