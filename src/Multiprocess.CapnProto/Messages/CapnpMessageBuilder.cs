using System.Buffers;
using System.Buffers.Binary;
using Multiprocess.CapnProto.Framing;

namespace Multiprocess.CapnProto.Messages;

/// <summary>A Cap'n Proto message that is being built.</summary>
/// <example>
/// <code>
/// using var message = new CapnpMessageBuilder();
/// CapnpStructBuilder point = message.Root.InitStruct(new CapnpStructSize(DataWords: 1, PointerCount: 0));
/// point.WriteInt32(0, 3);
/// point.WriteInt32(1, 4);
/// File.WriteAllBytes("point.bin", message.ToArray());
/// </code>
/// </example>
/// <remarks>
/// Segments are rented from the array pool. <see cref="Dispose"/> wipes them and returns them. A builder that is reset
/// keeps its first segment, so building messages of a usual size again and again allocates nothing. Only one thread at
/// a time may use a builder and the objects obtained from it.
/// </remarks>
public sealed class CapnpMessageBuilder : IDisposable
{
    private readonly BuilderArena _arena;

    /// <summary>Creates a message whose root is null.</summary>
    /// <param name="firstSegmentWords">
    /// Smallest size of the first segment, in words of 8 bytes. Default 512; 1 to 134,217,727. A message that needs
    /// more gets more segments.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The size is out of range.</exception>
    public CapnpMessageBuilder(int firstSegmentWords = 512)
        : this(firstSegmentWords, isSingleSegment: false)
    {
    }

    internal CapnpMessageBuilder(int firstSegmentWords, bool isSingleSegment)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(firstSegmentWords, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstSegmentWords, BuilderArena.MaxSegmentWords);
        _arena = new(firstSegmentWords, isSingleSegment);
    }

    /// <summary>The root pointer.</summary>
    /// <exception cref="ObjectDisposedException">The builder was disposed.</exception>
    public CapnpPointerBuilder Root => new(_arena.First, _arena.First.Start);

    /// <summary>The bytes of the message with its segment table.</summary>
    /// <exception cref="ObjectDisposedException">The builder was disposed.</exception>
    public long FrameBytes => _arena.TotalBytes + SegmentTable.HeaderBytesFor(_arena.Count);

    internal BuilderArena Arena => _arena;

    /// <summary>Writes the message with its segment table.</summary>
    /// <exception cref="ObjectDisposedException">The builder was disposed.</exception>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _arena.ThrowIfDisposed();
        int header = SegmentTable.HeaderBytesFor(_arena.Count);
        WriteHeader(writer.GetSpan(header)[..header]);
        writer.Advance(header);
        for (int i = 0; i < _arena.Count; i++)
        {
            writer.Write(_arena[i].Used);
        }
    }

    /// <summary>
    /// Writes the message in the packed form, which leaves out zeros. For files, usually named <c>.packed</c>.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The builder was disposed.</exception>
    public void WritePackedTo(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _arena.ThrowIfDisposed();
        byte[] header = new byte[SegmentTable.HeaderBytesFor(_arena.Count)];
        WriteHeader(header);
        Packing.Pack(header, writer);
        for (int i = 0; i < _arena.Count; i++)
        {
            Packing.Pack(_arena[i].Used, writer);
        }
    }

    /// <summary>Copies the message with its segment table.</summary>
    /// <exception cref="ObjectDisposedException">The builder was disposed.</exception>
    public byte[] ToArray()
    {
        byte[] frame = new byte[FrameBytes];
        CopyTo(frame);
        return frame;
    }

    /// <summary>Makes the message empty. Builders of its earlier content must not be used any more.</summary>
    /// <exception cref="ObjectDisposedException">The builder was disposed.</exception>
    public void Reset() => _arena.Reset();

    /// <summary>Wipes the segments and returns them to the pool. May be called again.</summary>
    public void Dispose() => _arena.Dispose();

    /// <summary>Copies the message with its segment table into a span of at least <see cref="FrameBytes"/>.</summary>
    internal void CopyTo(Span<byte> frame)
    {
        int header = SegmentTable.HeaderBytesFor(_arena.Count);
        WriteHeader(frame[..header]);
        frame = frame[header..];
        for (int i = 0; i < _arena.Count; i++)
        {
            ReadOnlySpan<byte> used = _arena[i].Used;
            used.CopyTo(frame);
            frame = frame[used.Length..];
        }
    }

    /// <summary>Writes the segment table.</summary>
    internal void WriteHeader(Span<byte> header)
    {
        header.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(header, _arena.Count - 1);
        for (int i = 0; i < _arena.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(header[(4 + (4 * i))..], _arena[i].WordCount);
        }
    }
}
