using System.Runtime.CompilerServices;
using Multiprocess;

namespace Samples.Tests.Docs.Guides;

public sealed record StoreChange(string Key, int Number);

[IpcInterface]
public interface IStore
{
    string Get(string key);

    IAsyncEnumerable<StoreChange> WatchAsync(int count, CancellationToken cancellationToken = default);
}

/// <summary>Runs what docs/from-grpc.md shows.</summary>
public sealed class GrpcGuideTests
{
    [Test]
    public async Task A_value_and_a_stream_of_changes_arrive()
    {
        using var folder = new InTemporaryFolder();
        List<int> seen = [];

        using var server = IpcServer.Listen<IStore>("unix:store.sock", connection => new MemoryStore());
        // The client:
        using var connection = IpcConnection.Connect<IStore>("unix:store.sock");
        string value = connection.Root.Get("a");
        await foreach (StoreChange change in connection.Root.WatchAsync(3))
        {
            seen.Add(change.Number);
        }

        Assert.That(value, Is.EqualTo("1"));
        Assert.That(seen, Is.EqualTo(new[] { 1, 2, 3 }));
        Assert.That(() => connection.Root.Get("b"), Throws.TypeOf<KeyNotFoundException>());
    }

    private sealed class MemoryStore : IStore
    {
        public string Get(string key) => key == "a" ? "1" : throw new KeyNotFoundException(key);

        public async IAsyncEnumerable<StoreChange> WatchAsync(
            int count,
            [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            for (int i = 1; i <= count; i++)
            {
                await Task.Yield();
                cancellationToken.ThrowIfCancellationRequested();
                yield return new StoreChange("a", i);
            }
        }
    }
}
