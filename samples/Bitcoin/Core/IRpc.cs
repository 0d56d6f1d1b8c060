using Multiprocess.CapnProto;

namespace Bitcoin.Core;

/// <summary>JSON-RPC without HTTP.</summary>
[CapnpInterface(0xacb1d37f0a713129, Context = true)]
public interface IRpc
{
    /// <summary>Runs a request.</summary>
    /// <param name="request">The request, or an array of requests, as JSON.</param>
    /// <param name="uri">The path: "/", or "/wallet/name".</param>
    /// <param name="user">The user who asks.</param>
    /// <returns>The reply as JSON, errors included.</returns>
    [CapnpMethod(0)]
    string ExecuteRpc(string request, string uri, string user);
}
