using System.Text.Json.Nodes;
using Multiprocess;

namespace Bitcoin.Rpc;

/// <summary>The result of a method: a tree of JSON, or text that its owner wipes.</summary>
/// <param name="Node">The result; null if it is null, or secret.</param>
/// <param name="Secret">The secret result, as text in JSON; null for another result.</param>
internal readonly record struct RpcResult(JsonNode? Node, SecretString? Secret = null);
