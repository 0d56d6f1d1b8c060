using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Multiprocess.Streaming;

/// <summary>The object that crosses, by reference, for an <see cref="IDuplexPipe"/>.</summary>
internal interface IBytePipe : IDisposable
{
    /// <summary>The pipe: the original on its own side, a remote one on the other side.</summary>
    IDuplexPipe Pipe { get; }
}

/// <summary>A pipe of this side for the other side, the only one that reads its input and writes its output.</summary>
internal sealed class BytePipe : IBytePipe
{
    // One per pipe, so that a pipe that is sent twice is the same reference.
    private static readonly ConditionalWeakTable<IDuplexPipe, BytePipe> s_pipes = [];

    private BytePipe(IDuplexPipe pipe) => Pipe = pipe;

    public IDuplexPipe Pipe { get; }

    public static IBytePipe Of(IDuplexPipe pipe)
        => pipe as BytePipeProxy ?? (IBytePipe)s_pipes.GetValue(pipe, static pipe => new BytePipe(pipe));

    /// <summary>Completes both directions. Called when the connection of the side that used them is lost.</summary>
    public void Dispose()
    {
        var reason = new IpcDisconnectedException("The connection of the pipe's other user is closed.");
        Pipe.Input.CancelPendingRead();
        Pipe.Output.CancelPendingFlush();
        Pipe.Input.Complete(reason);
        Pipe.Output.Complete(reason);
    }
}
