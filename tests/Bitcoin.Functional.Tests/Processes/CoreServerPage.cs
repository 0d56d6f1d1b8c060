using Bitcoin.Core.Serving;
using Bitcoin.Interfaces;
using Multiprocess;
using Multiprocess.CapnProto;

namespace Bitcoin.Functional.Processes;

/// <summary>What docs/bitcoin-core.md shows of servers.</summary>
internal static class CoreServerPage
{
    internal static string Serve(IInit init)
    {
        using var server = IpcServer.Listen<IInit>("unix:node.sock", connection => init, new IpcServerOptions
        {
            OtherProtocol = CapnpProtocol.Serving<Core.IInit>(peer => new CoreInit(init)),
        });

        return server.Address.ToString();
    }
}
