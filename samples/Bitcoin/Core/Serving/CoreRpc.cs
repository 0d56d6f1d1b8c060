using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bitcoin.Core.Serving;

/// <summary>The JSON-RPC server of this sample, for clients of Bitcoin Core.</summary>
internal sealed class CoreRpc(Interfaces.IRpc rpc) : IRpc
{
    // As deep as a request over HTTP may be.
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 512 };

    public string ExecuteRpc(string request, string uri, string user)
    {
        JsonNode? parsed;
        try
        {
            parsed = JsonNode.Parse(request, documentOptions: s_options);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"Request: Expected JSON, got something else: {exception.Message}", exception);
        }

        return rpc.ExecuteRpc(parsed, uri, user)?.ToJsonString() ?? "null";
    }
}
