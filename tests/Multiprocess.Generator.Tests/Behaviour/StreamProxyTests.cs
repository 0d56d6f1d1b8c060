using System.IO.Pipelines;

namespace Multiprocess.Generator.Tests.Behaviour;

/// <summary>What becomes of streams and pipes when their connection goes.</summary>
[CancelAfter(60_000)]
public sealed class StreamProxyTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Test]
    public async Task Lost_connection_disposes_streams_that_were_returned()
    {
        var server = new Streaming();
        using var pair = IpcTestPair.Create<IStreaming>(server);
        Stream stream = pair.Root.Open([1])!;

        pair.Dispose();

        Assert.That(() => stream.ReadByte(), Throws.InstanceOf<IpcException>());
        await Until(() => !server.Opened[0].CanRead);
    }

    [Test]
    public async Task Lost_connection_ends_pipes_on_both_sides()
    {
        var server = new Streaming();
        using var pair = IpcTestPair.Create<IStreaming>(server);
        var (ours, theirs) = PipePair.Create();
        Task shouting = pair.Root.ShoutAsync(theirs);
        await ours.Output.WriteAsync("a"u8.ToArray());
        ReadResult heard = await ours.Input.ReadAsync();
        ours.Input.AdvanceTo(heard.Buffer.End);

        pair.Dispose();

        Assert.That(
            async () => await ours.Input.ReadAsync().AsTask().WaitAsync(s_patience),
            Throws.InstanceOf<IpcDisconnectedException>());
        Assert.That(await server.Ended.WaitAsync(s_patience), Is.True);
        Assert.That(async () => await shouting.WaitAsync(s_patience), Throws.InstanceOf<IpcException>());
    }

    private static async Task Until(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
