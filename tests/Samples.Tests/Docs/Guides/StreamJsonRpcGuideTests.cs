using System.IO.Pipes;
using Multiprocess;

namespace Samples.Tests.Docs.Guides;

[IpcInterface]
public interface IBuilder
{
    Task<int> CompileAsync(string project, IProgress<string> progress, CancellationToken cancellationToken);

    /// <summary>A synchronous method blocks its caller, and may call back.</summary>
    int Clean(Func<string, bool> mayDelete);
}

/// <summary>Runs what docs/from-streamjsonrpc.md shows.</summary>
public sealed class StreamJsonRpcGuideTests
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(30);

    [Test]
    public async Task Both_ends_of_a_stream_talk()
    {
        string name = $"build-{Guid.NewGuid():N}";
        const PipeOptions options = PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly;
        const PipeTransmissionMode mode = PipeTransmissionMode.Byte;
        var serverStream = new NamedPipeServerStream(name, PipeDirection.InOut, 1, mode, options);
        var clientStream = new NamedPipeClientStream(".", name, PipeDirection.InOut, options);
        Task serving = Task.WhenAll(serverStream.WaitForConnectionAsync(), clientStream.ConnectAsync());
        await serving.WaitAsync(s_bound);
        var reports = new Reports();

        serving = ServeAsync(serverStream);
        (int errors, int deleted) = await CallAsync(clientStream, reports, CancellationToken.None).WaitAsync(s_bound);
        await serving.WaitAsync(s_bound);

        Assert.That((errors, deleted), Is.EqualTo((0, 1)));
        Assert.That(reports.Heard, Is.EqualTo(new[] { "a.csproj" }));
    }

    private static async Task ServeAsync(Stream stream)
    {
        // The server, for each stream:
        using var connection = await IpcServer.ServeAsync<IBuilder>(stream, connection => new Builder());
        await connection.Completion;
    }

    private static async Task<(int Errors, int Deleted)> CallAsync(
        Stream stream,
        IProgress<string> progress,
        CancellationToken cancellationToken)
    {
        // The client:
        using var connection = await IpcConnection.ConnectAsync<IBuilder>(stream);
        int errors = await connection.Root.CompileAsync("a.csproj", progress, cancellationToken);
        int deleted = connection.Root.Clean(file => file.EndsWith(".dll", StringComparison.Ordinal));
        return (errors, deleted);
    }

    private sealed class Reports : IProgress<string>
    {
        public List<string> Heard { get; } = [];

        public void Report(string value) => Heard.Add(value);
    }

    private sealed class Builder : IBuilder
    {
        public Task<int> CompileAsync(string project, IProgress<string> progress, CancellationToken cancellationToken)
        {
            progress.Report(project);
            return Task.FromResult(0);
        }

        public int Clean(Func<string, bool> mayDelete) => new[] { "a.dll", "a.cs" }.Count(mayDelete);
    }
}
