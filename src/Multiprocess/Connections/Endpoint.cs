using Multiprocess.Transports;

namespace Multiprocess.Connections;

/// <summary>Makes transports for addresses.</summary>
internal static class Endpoint
{
    public static Transport Connect(IpcAddress address, IpcConnectionOptions options) => throw new NotImplementedException();
}
