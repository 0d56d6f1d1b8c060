using System.Buffers.Binary;
using Bitcoin.Primitives;

namespace Bitcoin.Chain;

/// <summary>
/// Finds the blocks in a block file: magic, length and block, repeated, possibly with zeros or other bytes in between.
/// </summary>
/// <remarks>Keeps one block in memory at a time, whatever the size of the file. Not thread-safe.</remarks>
public sealed class BlockFileReader
{
    /// <summary>Magic and length.</summary>
    private const int FrameHeaderSize = 8;

    /// <summary>The size of the largest possible block, in bytes.</summary>
    private const int MaxBlockBytes = 4_000_000;
    private const int MinBlockBytes = 80;

    private readonly Stream _stream;
    private readonly ReadOnlyMemory<byte> _magic;
    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private int _lastFrameBytes;
    private long _bufferOffset;

    /// <summary>Reads from the stream's current position.</summary>
    public BlockFileReader(Stream stream, NetworkParameters network)
    {
        _stream = stream;
        _magic = network.Magic;
    }

    /// <summary>The number of bytes that were skipped because they belong to no block.</summary>
    public long SkippedBytes { get; private set; }

    /// <summary>Reads the next block.</summary>
    /// <returns>False if the file has no more.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public bool TryRead(out BlockFrame frame)
    {
        Consume(_lastFrameBytes);
        _lastFrameBytes = 0;
        while (Fill(FrameHeaderSize))
        {
            int distance = _buffer.AsSpan(_start, _end - _start).IndexOf(_magic.Span);
            if (distance != 0)
            {
                // Not found: the last bytes may still be the first bytes of a magic.
                Skip(distance > 0 ? distance : _end - _start - (_magic.Length - 1));
                continue;
            }

            uint length = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(_start + _magic.Length));
            if (length is < MinBlockBytes or > MaxBlockBytes)
            {
                Skip(1);
                continue;
            }

            Fill(FrameHeaderSize + (int)length);
            int available = Math.Min((int)length, _end - _start - FrameHeaderSize);
            frame = new BlockFrame(
                _bufferOffset + _start, (int)length, _buffer.AsMemory(_start + FrameHeaderSize, available));
            _lastFrameBytes = FrameHeaderSize + (int)length;
            if (frame.IsCutShort)
            {
                Reconsider();
            }

            return true;
        }

        SkippedBytes += _end - _start;
        Consume(_end - _start);
        frame = default;
        return false;
    }

    /// <summary>
    /// Marks the last frame as not a block. The search continues one byte after the frame's start, because its length
    /// cannot be trusted.
    /// </summary>
    public void Reconsider()
    {
        _lastFrameBytes = 0;
        Skip(1);
    }

    private void Skip(int count)
    {
        SkippedBytes += count;
        Consume(count);
    }

    private void Consume(int count) => _start += count;

    /// <summary>Reads until the buffer has <paramref name="count"/> bytes; false if the file ends before.</summary>
    private bool Fill(int count)
    {
        if (_end - _start >= count)
        {
            return true;
        }

        if (_start + count > _buffer.Length)
        {
            // Never in place: the last frame's memory must stay valid until the next read, even if this read ends
            // early.
            byte[] larger = new byte[Math.Max(_buffer.Length, count)];
            _buffer.AsSpan(_start, _end - _start).CopyTo(larger);
            _buffer = larger;
            _bufferOffset += _start;
            _end -= _start;
            _start = 0;
        }

        while (_end - _start < count)
        {
            int read = _stream.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
            {
                return false;
            }

            _end += read;
        }

        return true;
    }
}
