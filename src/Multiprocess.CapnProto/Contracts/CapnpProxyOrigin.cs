using System.ComponentModel;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Threads;

namespace Multiprocess.CapnProto.Generated;

/// <summary>What a proxy is made of.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class CapnpProxyOrigin
{
    internal CapnpProxyOrigin(CapnpReference reference, CapnpSession? session)
    {
        Reference = reference;
        Session = session;
    }

    internal CapnpReference Reference { get; }

    internal CapnpSession? Session { get; }
}
