using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Bitcoin.Rpc;

/// <summary>
/// Kestrel's output, with other statuses for input that is not a valid request. For an unknown HTTP version Kestrel
/// sends 505, for long headers 431, for a long first line 414; Bitcoin Core sends 400.
/// </summary>
/// <remarks>
/// Kestrel sends these answers itself, before any code of the application runs. The application never sends them. The
/// status is in the first bytes of one write.
/// </remarks>
internal sealed class VersionOutput(PipeWriter output) : PipeWriter
{
    private static ReadOnlySpan<byte> Version => "HTTP/1.1 "u8;

    private static ReadOnlySpan<byte> BadRequest => "400"u8;

    private Memory<byte> _memory;

    /// <summary>Wraps a connection's output.</summary>
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
        if (written.StartsWith(Version) && IsRefusal(written[Version.Length..]))
        {
            BadRequest.CopyTo(written[Version.Length..]);
        }

        _memory = _memory[bytes..];
        output.Advance(bytes);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        => output.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => output.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => output.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => output.CompleteAsync(exception);

    private static bool IsRefusal(ReadOnlySpan<byte> status)
        => status.StartsWith("505"u8) || status.StartsWith("431"u8) || status.StartsWith("414"u8);

    private sealed class Pipes(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
