using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;

namespace Bitcoin.Node;

/// <summary>The JSON-RPC server without HTTP.</summary>
public sealed class NodeRpc(RpcTable table, DebugLog log) : IRpc
{
    /// <inheritdoc/>
    public JsonNode? ExecuteRpc(JsonNode? request, string uri, string user)
    {
        RpcLog.Write(log, request, user);
        return JsonRpc.Answer(table, request, uri, user, out _);
    }
}
