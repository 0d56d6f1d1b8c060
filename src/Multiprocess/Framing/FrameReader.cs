using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Multiprocess.Messages;
using Multiprocess.Transports;

namespace Multiprocess.Framing;

/// <summary>Cuts the bytes of a transport into frames.</summary>
/// <remarks>
/// Bytes are received straight into a pipe's own segments and frames are taken off its other end; neither needs an
/// asynchronous operation. The rest of a frame that is larger than a segment goes directly into the message.
/// One thread at a time may use it: the one that holds the reading role.
/// </remarks>
internal sealed class FrameReader
{
    private const int SegmentBytes = 64 * 1024;

    private readonly Transport _transport;
    private readonly MessagePool _pool;
    private readonly Pipe _pipe = new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: 0,
        minimumSegmentSize: SegmentBytes,
        useSynchronizationContext: false));

    // A large frame of which some bytes have come, and how many.
    private Message? _partial;
    private int _partialBytes;
    private long _buffered;

    public FrameReader(Transport transport, MessagePool pool)
    {
        _transport = transport;
        _pool = pool;
    }

    /// <summary>Largest frame taken, in bytes without its length prefix. Tiny until the handshake is over.</summary>
    public int MaxFrameBytes { get; set; }

    /// <summary>Receives what is there without waiting.</summary>
    /// <returns>As <see cref="Transport.TryReceive"/>.</returns>
    public int TryFill() => Fill(wait: false);

    /// <summary>Receives something, waiting for it.</summary>
    /// <returns>As <see cref="Transport.Receive"/>.</returns>
    public int Fill() => Fill(wait: true);

    /// <summary>True in the middle of a frame: the end of the stream here means that the peer was cut off.</summary>
    public bool IsInsideFrame => _buffered > 0 || _partial is not null;

    /// <summary>Takes the next complete frame, if there is one.</summary>
    /// <exception cref="IpcProtocolException">The frame is longer than allowed.</exception>
    public bool TryRead([NotNullWhen(true)] out Message? complete)
    {
        complete = null;
        if (_partial is not null)
        {
            if (_partialBytes < _partial.Length)
            {
                return false;
            }

            complete = _partial;
            _partial = null;
            return true;
        }

        if (_buffered < MessageFormat.LengthPrefix || !_pipe.Reader.TryRead(out ReadResult result))
        {
            return false;
        }

        ReadOnlySequence<byte> buffer = result.Buffer;
        Span<byte> prefix = stackalloc byte[MessageFormat.LengthPrefix];
        buffer.Slice(0, MessageFormat.LengthPrefix).CopyTo(prefix);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(prefix);
        if (length > (uint)MaxFrameBytes)
        {
            _pipe.Reader.AdvanceTo(buffer.Start);
            throw new IpcProtocolException($"A frame of {length:N0} bytes exceeds the limit of {MaxFrameBytes:N0}.");
        }

        long there = buffer.Length - MessageFormat.LengthPrefix;
        if (there >= length)
        {
            complete = _pool.Rent();
            buffer.Slice(MessageFormat.LengthPrefix, length).CopyTo(complete.Prepare((int)length));
            Consume(buffer, MessageFormat.LengthPrefix + length);
            return true;
        }

        if (length <= SegmentBytes / 2)
        {
            _pipe.Reader.AdvanceTo(buffer.Start);
            return false;
        }

        _partial = _pool.Rent();
        _partialBytes = (int)there;
        buffer.Slice(MessageFormat.LengthPrefix, there).CopyTo(_partial.Prepare((int)length));
        Consume(buffer, buffer.Length);
        return false;
    }

    private void Consume(ReadOnlySequence<byte> buffer, long bytes)
    {
        _pipe.Reader.AdvanceTo(buffer.GetPosition(bytes));
        _buffered -= bytes;
    }

    private int Fill(bool wait)
    {
        Span<byte> free = _partial is null ? _pipe.Writer.GetSpan(SegmentBytes / 2) : _partial.Contents[_partialBytes..];
        int received = wait ? _transport.Receive(free) : _transport.TryReceive(free);
        if (_partial is not null)
        {
            _partialBytes += Math.Max(received, 0);
        }
        else if (received > 0)
        {
            _pipe.Writer.Advance(received);
            _buffered += received;

            // Completes at once: the pipe has no threshold, and its reader only ever tries.
            _ = _pipe.Writer.FlushAsync();
        }

        return received;
    }
}
