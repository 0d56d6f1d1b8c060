using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Bitcoin.Rpc;

/// <summary>What Kestrel sends, but for one answer: to a version of HTTP that it does not know it says 505, Bitcoin Core 400.</summary>
/// <remarks>Kestrel gives that answer itself, before any code of an application runs. The status stands in the first bytes of one write.</remarks>
internal sealed class VersionOutput(PipeWriter output) : PipeWriter
{
    private static ReadOnlySpan<byte> Unknown => "HTTP/1.1 505"u8;

    private Memory<byte> _memory;

    /// <summary>Puts it around a connection's output.</summary>
    internal static ConnectionDelegate Use(ConnectionDelegate next) => connection =>
    {
        connection.Transport = new Pipes(connection.Transport.Input, new VersionOutput(connection.Transport.Output));
        return next(connection);
    };

    public override bool CanGetUnflushedBytes => output.CanGetUnflushedBytes;

    public override long UnflushedBytes => output.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _memory = output.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        Span<byte> written = _memory.Span[..bytes];
        if (written.StartsWith(Unknown))
        {
            "400"u8.CopyTo(written[(Unknown.Length - 3)..]);
        }

        _memory = _memory[bytes..];
        output.Advance(bytes);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => output.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => output.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => output.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => output.CompleteAsync(exception);

    private sealed class Pipes(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
