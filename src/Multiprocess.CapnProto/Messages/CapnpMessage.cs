using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Multiprocess.CapnProto.Framing;

namespace Multiprocess.CapnProto.Messages;

/// <summary>A Cap'n Proto message that was received or read.</summary>
/// <example>
/// <code>
/// CapnpMessage message = CapnpMessage.Read(File.ReadAllBytes("point.bin"));
/// CapnpStructReader point = message.Root.ReadStruct();
/// int x = point.ReadInt32(0), y = point.ReadInt32(1);
/// </code>
/// </example>
/// <remarks>
/// A message reads in place: the memory must not change while the message is used. A message object can load one
/// message after another without allocating. Only one thread at a time may use a message and its readers.
/// </remarks>
public sealed class CapnpMessage
{
    private readonly CapnpLimits _limits;
    private readonly ReaderArena _arena;

    /// <summary>Creates a message without content.</summary>
    /// <param name="limits">The limits; <see cref="CapnpLimits.Default"/> if null.</param>
    public CapnpMessage(CapnpLimits? limits = null)
    {
        _limits = limits ?? CapnpLimits.Default;
        _arena = new(_limits);
    }

    /// <summary>The root pointer; nearly always a pointer to a struct.</summary>
    /// <exception cref="IpcProtocolException">The message has no root pointer: its first segment is empty.</exception>
    public CapnpPointerReader Root
        => _arena.First is { WordCount: > 0 } first
            ? new(first, first.Start, _limits.MaxNesting)
            : throw new IpcProtocolException("Message: Expected a root pointer, got an empty first segment.");

    internal ReaderArena Arena => _arena;

    /// <summary>Reads a message with its segment table, as it is in files and on streams.</summary>
    /// <param name="bytes">Exactly one message.</param>
    /// <param name="limits">The limits; <see cref="CapnpLimits.Default"/> if null.</param>
    /// <exception cref="IpcProtocolException">The segment table is malformed, or a limit is exceeded.</exception>
    public static CapnpMessage Read(ReadOnlyMemory<byte> bytes, CapnpLimits? limits = null)
    {
        var message = new CapnpMessage(limits);
        message.Load(bytes);
        return message;
    }

    /// <summary>Reads a message from a stream, and not one byte more.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="limits">The limits; <see cref="CapnpLimits.Default"/> if null.</param>
    /// <param name="cancellationToken">Cancels the wait. A part of the message may already have been read.</param>
    /// <returns>The message, or null if the stream ends before its first byte.</returns>
    /// <exception cref="IpcProtocolException">
    /// The segment table is malformed, a limit is exceeded, or the stream ends inside the message.
    /// </exception>
    public static async Task<CapnpMessage?> ReadAsync(
        Stream stream, CapnpLimits? limits = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        byte[]? frame = await FrameStream
            .ReadAsync(stream, limits ?? CapnpLimits.Default, cancellationToken).ConfigureAwait(false);
        return frame is null ? null : Read(frame, limits);
    }

    /// <summary>Reads a message in the packed form.</summary>
    /// <param name="packed">The message; more bytes may follow it.</param>
    /// <param name="packedBytes">Returns the packed size of the message, in bytes.</param>
    /// <param name="limits">The limits; <see cref="CapnpLimits.Default"/> if null.</param>
    /// <exception cref="IpcProtocolException">
    /// The input ends too early, the segment table is malformed, or a limit is exceeded.
    /// </exception>
    public static CapnpMessage ReadPacked(
        ReadOnlySpan<byte> packed, out int packedBytes, CapnpLimits? limits = null)
    {
        limits ??= CapnpLimits.Default;
        var unpacker = new Unpacker(packed);
        byte[] header = new byte[SegmentTable.HeaderBytesFor(1)];
        unpacker.Read(header);
        SegmentTable table;
        while (!SegmentTable.TryRead(header, limits, out table))
        {
            // The first word gives the length of the table; TryRead has refused a table that is too long.
            int read = header.Length;
            Array.Resize(ref header, SegmentTable.HeaderBytesFor(BinaryPrimitives.ReadInt32LittleEndian(header) + 1));
            unpacker.Read(header.AsSpan(read));
        }

        byte[] frame = new byte[table.FrameBytes];
        header.CopyTo(frame, 0);
        unpacker.Read(frame.AsSpan(table.HeaderBytes));
        if (unpacker.IsInRun)
        {
            throw new IpcProtocolException(
                "Packed message: Expected a run of words that ends with the message, got a longer one.");
        }

        packedBytes = packed.Length - unpacker.Rest.Length;
        return Read(frame, limits);
    }

    /// <summary>
    /// Copies a message in the canonical form: equal values have equal bytes, whichever program wrote them. One
    /// segment, without a segment table.
    /// </summary>
    /// <exception cref="IpcProtocolException">The message is malformed, or a limit is exceeded.</exception>
    /// <exception cref="InvalidOperationException">The message has a capability.</exception>
    public byte[] ToCanonicalArray()
    {
        using var copy = new CapnpMessageBuilder(Math.Max(1, _arena.First?.WordCount ?? 1), isSingleSegment: true);
        Copying.Copy(Root, copy.Root, isCanonical: true);
        return copy.Arena.First.Used.ToArray();
    }

    /// <summary>Loads another message. Readers of the previous message must not be used any more.</summary>
    /// <param name="bytes">Exactly one message, with its segment table.</param>
    /// <exception cref="IpcProtocolException">The segment table is malformed, or a limit is exceeded.</exception>
    public void Load(ReadOnlyMemory<byte> bytes)
    {
        // Readers work on arrays. Other memory, such as that of a mapped file, is copied.
        ArraySegment<byte> array = MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> found) ? found : new(
            bytes.ToArray());
        _arena.Load(array.Array ?? [], array.Offset, array.Count);
    }
}
