using System.Text.Json;
using System.Text.Json.Nodes;
using Multiprocess;
using Multiprocess.CapnProto;
using Multiprocess.CapnProto.Rpc;

namespace Bitcoin.Core;

/// <summary>A connection to Bitcoin Core's node, or to any other that serves its interfaces.</summary>
/// <remarks>Thread-safe. Each calling thread has a thread of its own in the node.</remarks>
public sealed class CoreNode : IDisposable
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 512 };

    private readonly CapnpConnection _connection;

    private CoreNode(CapnpConnection connection)
    {
        _connection = connection;
        Init = connection.GetRoot<IInit>();
    }

    /// <summary>The node's first object.</summary>
    public IInit Init { get; }

    /// <summary>Completes when the connection has ended.</summary>
    public Task Completion => _connection.Completion;

    /// <summary>Connects to a node's socket.</summary>
    /// <param name="address">The socket: <c>unix:/run/bitcoin/node.sock</c>.</param>
    /// <exception cref="IpcException">Nobody listens there, or the node belongs to another user.</exception>
    public static CoreNode Connect(IpcAddress address) => new(CapnpConnection.Connect(address));

    /// <summary>A JSON-RPC request as <see cref="IRpc.ExecuteRpc"/> takes it.</summary>
    public static string Request(JsonNode? request) => request?.ToJsonString() ?? "null";

    /// <summary>A reply of <see cref="IRpc.ExecuteRpc"/>; null if all requests were notifications.</summary>
    /// <exception cref="IpcProtocolException">It is not JSON.</exception>
    public static JsonNode? Reply(string reply)
    {
        try
        {
            return reply.Length == 0 ? null : JsonNode.Parse(reply, documentOptions: s_options);
        }
        catch (JsonException exception)
        {
            throw new IpcProtocolException($"Reply: Expected JSON, got something else: {exception.Message}", exception);
        }
    }

    /// <summary>Ends the connection.</summary>
    public void Dispose() => _connection.Dispose();
}
