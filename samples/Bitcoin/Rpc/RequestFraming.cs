using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Bitcoin.Rpc;

/// <summary>
/// Finds the requests of a connection: where a head ends, whether it has a Host, and where its body ends.
/// </summary>
/// <remarks>
/// Not thread-safe. If the bytes are not HTTP/1.1, or a length is not understood, it stops: the server refuses such a
/// request itself.
/// </remarks>
internal sealed class RequestFraming(int maxHeadBytes)
{
    private State _state = State.Head;
    private long _left;

    private enum State
    {
        /// <summary>At the start of a head, or in it.</summary>
        Head,

        /// <summary>A body of known length.</summary>
        Body,

        /// <summary>The line with a chunk's length.</summary>
        ChunkLength,

        /// <summary>A chunk and the line end after it.</summary>
        Chunk,

        /// <summary>The lines after the last chunk.</summary>
        Trailer,

        /// <summary>The start of the next head is unknown.</summary>
        Lost,
    }

    /// <summary>Whether the start of the next request is unknown.</summary>
    internal bool IsLost => _state == State.Lost;

    /// <summary>
    /// Where the value of a Host must be blank in the bytes that were taken last, and its length; 0 for nowhere.
    /// Clients name an IPv6 address there without brackets, which Kestrel refuses.
    /// </summary>
    internal (long At, int Length) Blank { get; private set; }

    /// <summary>Processes the next part of a client's bytes.</summary>
    /// <param name="bytes">The bytes that are there.</param>
    /// <param name="insertAt">The position at which a Host must be inserted; negative for none.</param>
    /// <returns>The number of bytes processed; 0 if more bytes are needed.</returns>
    internal long Take(ReadOnlySequence<byte> bytes, out long insertAt)
    {
        insertAt = -1;
        Blank = default;
        return _state switch
        {
            State.Head => TakeHead(bytes, out insertAt),
            State.Body => TakeBody(bytes, State.Head),
            State.Chunk => TakeBody(bytes, State.ChunkLength),
            State.ChunkLength => TakeLine(bytes),
            State.Trailer => TakeLine(bytes),
            _ => bytes.Length,
        };
    }

    private long TakeBody(ReadOnlySequence<byte> bytes, State next)
    {
        long taken = Math.Min(_left, bytes.Length);
        _left -= taken;
        _state = _left == 0 ? next : _state;
        return taken;
    }

    private long TakeLine(ReadOnlySequence<byte> bytes)
    {
        SequenceReader<byte> reader = new(bytes);
        if (!reader.TryReadTo(out ReadOnlySpan<byte> line, (byte)'\n'))
        {
            return bytes.Length > maxHeadBytes ? Lose(bytes) : 0;
        }

        line = line.TrimEnd((byte)'\r');
        if (_state == State.Trailer)
        {
            _state = line.IsEmpty ? State.Head : State.Trailer;
        }
        else if (Utf8Parser.TryParse(line, out ulong length, out int digits, 'x')
            && length <= int.MaxValue
            && (digits == line.Length || line[digits] is (byte)';' or (byte)' '))
        {
            _left = (long)length + 2;
            _state = length == 0 ? State.Trailer : State.Chunk;
        }
        else
        {
            return Lose(bytes);
        }

        return reader.Consumed;
    }

    private long TakeHead(ReadOnlySequence<byte> bytes, out long insertAt)
    {
        insertAt = -1;
        SequenceReader<byte> reader = new(bytes);
        bool isFirst = true;
        bool hasHost = false;
        bool isChunked = false;
        long afterFirst = 0;
        long length = 0;
        long start = 0;
        (long At, int Length) blank = default;
        for (; reader.TryReadTo(out ReadOnlySpan<byte> line, (byte)'\n'); start = reader.Consumed)
        {
            line = line.TrimEnd((byte)'\r');
            if (isFirst)
            {
                if (!line.EndsWith(" HTTP/1.1"u8))
                {
                    return Lose(bytes);
                }

                isFirst = false;
                afterFirst = reader.Consumed;
            }
            else if (line.IsEmpty)
            {
                insertAt = hasHost ? -1 : afterFirst;
                Blank = blank;
                _left = length;
                _state = isChunked ? State.ChunkLength : length > 0 ? State.Body : State.Head;
                return reader.Consumed;
            }
            else if (IsHeader(line, "host"u8, out ReadOnlySpan<byte> host))
            {
                hasHost = true;
                if (host.Count((byte)':') > 1 && !host.Contains((byte)'['))
                {
                    blank = (start + line.IndexOf(host), host.Length);
                }
            }
            else if (IsHeader(line, "transfer-encoding"u8, out _))
            {
                isChunked = true;
            }
            else if (IsHeader(line, "content-length"u8, out ReadOnlySpan<byte> value)
                && (!Utf8Parser.TryParse(value, out length, out int digits) || digits != value.Length || length < 0))
            {
                return Lose(bytes);
            }
        }

        return bytes.Length > maxHeadBytes ? Lose(bytes) : 0;
    }

    private static bool IsHeader(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        int colon = line.IndexOf((byte)':');
        value = line[(colon + 1)..].Trim((byte)' ');
        return colon >= 0 && Ascii.EqualsIgnoreCase(line[..colon], name);
    }

    private long Lose(ReadOnlySequence<byte> bytes)
    {
        _state = State.Lost;
        return bytes.Length;
    }
}
