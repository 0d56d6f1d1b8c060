using System.Text.Json.Nodes;
using Multiprocess;

namespace Bitcoin.Interfaces;

/// <summary>The node's JSON-RPC server without HTTP.</summary>
[IpcInterface]
public interface IRpc
{
    /// <summary>Runs a request as if it had come over HTTP.</summary>
    /// <param name="request">A request, or an array of them.</param>
    /// <param name="uri">The path: "/", or "/wallet/name".</param>
    /// <param name="user">The user who asks.</param>
    /// <returns>The reply, errors included; null if all requests were notifications.</returns>
    [return: IpcSensitive]
    JsonNode? ExecuteRpc([IpcSensitive] JsonNode? request, string uri, string user);
}
