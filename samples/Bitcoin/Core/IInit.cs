using Multiprocess.CapnProto;

namespace Bitcoin.Core;

/// <summary>The first object of Bitcoin Core's node, at its socket <c>node.sock</c>.</summary>
[CapnpInterface(0x8838c700ba5cba65, Context = true, Construct = 0)]
public interface IInit
{
    /// <summary>An echo.</summary>
    [CapnpMethod(1)]
    IEcho MakeEcho();

    /// <summary>The interface for miners.</summary>
    [CapnpMethod(3)]
    IMining MakeMining();

    /// <summary>JSON-RPC without HTTP.</summary>
    [CapnpMethod(4)]
    IRpc MakeRpc();

    /// <summary>The interface for miners of earlier versions. Every server refuses it.</summary>
    [CapnpMethod(2, Context = -1)]
    void MakeOldMining();
}
