using System.Buffers.Binary;
using Bitcoin.Primitives;

namespace Bitcoin.Chain;

/// <summary>
/// Finds blocks in a file of blocks: magic, length, block, over and over, with zeros or rubbish in between.
/// </summary>
/// <remarks>Holds one block at a time, whatever the size of the file. Not for use by several threads.</remarks>
public sealed class BlockFileReader
{
    /// <summary>Magic and length.</summary>
    private const int FrameHeaderSize = 8;

    /// <summary>The largest block there can be, in bytes.</summary>
    private const int MaxBlockBytes = 4_000_000;
    private const int MinBlockBytes = 80;

    private readonly Stream _stream;
    private readonly ReadOnlyMemory<byte> _magic;
    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private int _lastFrameBytes;
    private long _bufferOffset;

    /// <summary>Reads from where the stream stands.</summary>
    public BlockFileReader(Stream stream, NetworkParameters network)
    {
        _stream = stream;
        _magic = network.Magic;
    }

    /// <summary>How many bytes that belong to no block were passed over.</summary>
    public long SkippedBytes { get; private set; }

    /// <summary>Goes to the next block.</summary>
    /// <returns>False when the file has no more.</returns>
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
                // Not found: the last bytes may still be the magic's first ones.
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
    /// Says that the frame last read is not a block: the search goes on one byte behind its beginning, because its
    /// length cannot be trusted.
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

    /// <summary>Reads until so many bytes are in the buffer; false when the file ends before.</summary>
    private bool Fill(int count)
    {
        if (_end - _start >= count)
        {
            return true;
        }

        if (_start + count > _buffer.Length)
        {
            // Never in place: the last frame's memory stays valid until the next read, also when this one came up
            // short.
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
