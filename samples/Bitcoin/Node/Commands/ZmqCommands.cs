using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;

namespace Bitcoin.Node.Commands;

/// <summary>The method about ZeroMQ.</summary>
internal sealed class ZmqCommands(NodeContext node)
{
    internal void Register()
    {
        CommandGroup group = new(node.Rpc, "Zmq");
        group.Add("getzmqnotifications", "", "Returns information about the active ZeroMQ notifications.", Active);
    }

    private JsonArray Active(RpcCall call) => Values.Array(
        (node.Zmq?.Topics ?? []).Select(static topic => (JsonNode)new JsonObject
        {
            ["type"] = $"pub{topic.Name}",
            ["address"] = topic.Address,
            ["hwm"] = topic.HighWaterMark,
        }));
}
