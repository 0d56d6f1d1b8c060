using Grpc.Core;
using Grpc.Net.Client;

namespace Multiprocess.Peers.Before;

/// <summary>The service of docs/from-grpc.md, as it was.</summary>
public sealed class StoreService : Store.StoreBase
{
    public override Task<GetReply> Get(GetRequest request, ServerCallContext context)
        => request.Key == "a"
            ? Task.FromResult(new GetReply { Value = "1" })
            : throw new RpcException(new Status(StatusCode.NotFound, request.Key));

    public override async Task Watch(
        WatchRequest request,
        IServerStreamWriter<Change> responseStream,
        ServerCallContext context)
    {
        for (int i = 1; i <= request.Count; i++)
        {
            await responseStream.WriteAsync(new Change { Key = "a", Number = i }, context.CancellationToken);
        }
    }
}

/// <summary>The client of docs/from-grpc.md, as it was.</summary>
public static class StoreClientBefore
{
    public static async Task<string> RunAsync(HttpMessageHandler handler, List<int> seen)
    {
        // The client, with a handler that connects to the socket:
        var options = new GrpcChannelOptions { HttpHandler = handler };
        using var channel = GrpcChannel.ForAddress("http://localhost", options);
        var store = new Store.StoreClient(channel);
        GetReply reply = await store.GetAsync(new GetRequest { Key = "a" });
        using var watch = store.Watch(new WatchRequest { Count = 3 });
        await foreach (Change change in watch.ResponseStream.ReadAllAsync())
        {
            seen.Add(change.Number);
        }

        return reply.Value;
    }
}
