using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Multiprocess.Streaming;

/// <summary>What crosses, by reference, for an <see cref="IDuplexPipe"/>.</summary>
internal interface IBytePipe : IDisposable
{
    /// <summary>The pipe: the object itself on its own side, a remote one on the other.</summary>
    IDuplexPipe Pipe { get; }
}

/// <summary>
/// A pipe of this side that the other side uses: it is the only one to read its input and to write its output.
/// </summary>
internal sealed class BytePipe : IBytePipe
{
    // One for each pipe, so that the same pipe sent twice is the same reference.
    private static readonly ConditionalWeakTable<IDuplexPipe, BytePipe> s_pipes = [];

    private BytePipe(IDuplexPipe pipe) => Pipe = pipe;

    public IDuplexPipe Pipe { get; }

    public static IBytePipe Of(IDuplexPipe pipe)
        => pipe as BytePipeProxy ?? (IBytePipe)s_pipes.GetValue(pipe, static pipe => new BytePipe(pipe));

    /// <summary>Ends both directions; called when the connection of the side that used them is lost.</summary>
    public void Dispose()
    {
        var reason = new IpcDisconnectedException("The connection of the pipe's other user is closed.");
        Pipe.Input.CancelPendingRead();
        Pipe.Output.CancelPendingFlush();
        Pipe.Input.Complete(reason);
        Pipe.Output.Complete(reason);
    }
}
