using Multiprocess.CapnProto.Rpc;

namespace Bitcoin.Core.Serving;

/// <summary>Serves a node of this sample to clients of Bitcoin Core.</summary>
/// <param name="init">The node's first object.</param>
public sealed class CoreInit(Interfaces.IInit init) : IInit
{
    /// <inheritdoc/>
    public IEcho MakeEcho() => new CoreEcho(Found(init.MakeEcho(), "echo"));

    /// <inheritdoc/>
    public IMining MakeMining() => new CoreMining(Found(init.MakeMining(), "interface for miners"));

    /// <inheritdoc/>
    public IRpc MakeRpc() => new CoreRpc(Found(init.MakeRpc(), "JSON-RPC server"));

    /// <inheritdoc/>
    public void MakeOldMining() => throw new CapnpException(
        CapnpExceptionType.Failed,
        "Init.makeMining: Expected ordinal 3, got 2, the old Mining interface, which is not supported any more. Update "
            + "the client.");

    private static T Found<T>(T? made, string what) where T : class => made
        ?? throw new CapnpException(CapnpExceptionType.Failed, $"Init: The node has no {what} yet.");
}
