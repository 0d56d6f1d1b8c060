using StreamJsonRpc;

namespace Multiprocess.Peers.Before;

public interface ICompiler
{
    Task<int> CompileAsync(string project, IProgress<string> progress, CancellationToken cancellationToken);
}

/// <summary>Both ends of docs/from-streamjsonrpc.md, as they were.</summary>
public static class CompilerBefore
{
    public static async Task ServeAsync(Stream stream)
    {
        // The server, for each stream:
        using var rpc = JsonRpc.Attach(stream, new Compiler());
        await rpc.Completion;
    }

    public static async Task<int> CallAsync(
        Stream stream,
        IProgress<string> progress,
        CancellationToken cancellationToken)
    {
        // The client:
        ICompiler compiler = JsonRpc.Attach<ICompiler>(stream);
        int errors = await compiler.CompileAsync("a.csproj", progress, cancellationToken);
        ((IDisposable)compiler).Dispose();
        return errors;
    }

    private sealed class Compiler : ICompiler
    {
        public Task<int> CompileAsync(string project, IProgress<string> progress, CancellationToken cancellationToken)
        {
            progress.Report(project);
            return Task.FromResult(0);
        }
    }
}
