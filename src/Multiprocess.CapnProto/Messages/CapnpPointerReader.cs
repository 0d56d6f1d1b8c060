using System.Text;

namespace Multiprocess.CapnProto.Messages;

/// <summary>A pointer of a message: a struct, a list, a text, data, a capability, or null.</summary>
/// <remarks>
/// The target of a pointer is checked when it is read. A reader is valid until its message loads another one, or its
/// builder is reset or disposed. Only one thread at a time may use the readers of a message.
/// </remarks>
public readonly struct CapnpPointerReader
{
    private static readonly UTF8Encoding s_utf8 = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Segment? _segment;
    private readonly int _at;
    private readonly int _nestingLeft;

    internal CapnpPointerReader(Segment segment, int at, int nestingLeft)
    {
        _segment = segment;
        _at = at;
        _nestingLeft = nestingLeft;
    }

    /// <summary>Whether the pointer is null, so that a field has its default value.</summary>
    public bool IsNull => _segment is null || _segment.ReadWord(_at) == 0;

    /// <summary>The kind of the pointer's target.</summary>
    /// <exception cref="IpcProtocolException">The pointer is malformed.</exception>
    public CapnpPointerKind Kind
    {
        get
        {
            if (IsNull)
            {
                return CapnpPointerKind.Null;
            }

            Pointer pointer = Located.Follow(_segment!, _at).Pointer;
            return pointer.IsStruct ? CapnpPointerKind.Struct
                : pointer.IsList ? CapnpPointerKind.List
                : pointer.IsCapability ? CapnpPointerKind.Capability
                : throw UnknownKind(pointer);
        }
    }

    /// <summary>Reads a struct. A null pointer reads as a struct whose fields all have their default values.</summary>
    /// <exception cref="IpcProtocolException">
    /// The pointer leads to something else, or is malformed, or a limit is exceeded.
    /// </exception>
    public CapnpStructReader ReadStruct()
    {
        if (IsNull)
        {
            return default;
        }

        int nestingLeft = OneDeeper();
        Located found = Located.Follow(_segment!, _at);
        if (!found.Pointer.IsStruct)
        {
            throw Unexpected("a struct", found.Pointer);
        }

        CapnpStructSize size = found.Pointer.StructSize;
        Claim(found.Segment, found.At, size.Words, size.Words);
        int data = (int)found.At;
        return new(
            found.Segment,
            data,
            size.DataWords * 64,
            data + (size.DataWords * Pointer.WordBytes),
            size.PointerCount,
            nestingLeft);
    }

    /// <summary>Reads a list with elements of any kind. A null pointer reads as an empty list.</summary>
    /// <exception cref="IpcProtocolException">
    /// The pointer leads to something else, or is malformed, or a limit is exceeded.
    /// </exception>
    public CapnpListReader ReadList()
    {
        if (IsNull)
        {
            return default;
        }

        int nestingLeft = OneDeeper();
        Located found = Located.Follow(_segment!, _at);
        if (!found.Pointer.IsList)
        {
            throw Unexpected("a list", found.Pointer);
        }

        return found.Pointer.ElementSize == CapnpElementSize.Composite
            ? ReadComposite(found, nestingLeft)
            : ReadFlat(found, nestingLeft);
    }

    /// <summary>
    /// Reads a list with elements of this size. Lists of a newer or older schema are accepted too: elements with more
    /// space, and structs whose first field is the element.
    /// </summary>
    /// <param name="expected">The element size in the schema of this side.</param>
    /// <exception cref="IpcProtocolException">
    /// The pointer leads to something else, or the elements do not fit, or a limit is exceeded.
    /// </exception>
    public CapnpListReader ReadList(CapnpElementSize expected)
    {
        CapnpListReader list = ReadList();
        return IsNull || list.Fits(expected)
            ? list
            : throw new IpcProtocolException($"List: Expected elements of size {expected}, got {list.ElementSize}.");
    }

    /// <summary>Reads a text. Returns null for a null pointer.</summary>
    /// <exception cref="IpcProtocolException">
    /// The pointer leads to something else, or the text is not UTF-8.
    /// </exception>
    public string? ReadText()
    {
        if (IsNull)
        {
            return null;
        }

        ReadOnlySpan<byte> bytes = ReadTextBytes();
        try
        {
            return s_utf8.GetString(bytes);
        }
        catch (DecoderFallbackException exception)
        {
            throw new IpcProtocolException(
                $"Text of {bytes.Length:N0} bytes: Expected UTF-8, got other bytes.", exception);
        }
    }

    /// <summary>
    /// Reads the bytes of a text, without its final zero and without checking that they are UTF-8. Returns an empty
    /// span for a null pointer.
    /// </summary>
    /// <exception cref="IpcProtocolException">
    /// The pointer leads to something else, or the zero at the end is missing.
    /// </exception>
    public ReadOnlySpan<byte> ReadTextBytes()
    {
        if (IsNull)
        {
            return [];
        }

        ReadOnlySpan<byte> bytes = ReadBytes("Text");
        return bytes is [.., 0]
            ? bytes[..^1]
            : throw new IpcProtocolException(
                $"Text of {bytes.Length:N0} bytes: Expected a zero as the last byte, got none.");
    }

    /// <summary>Reads data: the bytes in the message itself. Returns an empty span for a null pointer.</summary>
    /// <exception cref="IpcProtocolException">
    /// The pointer leads to something else, or is malformed, or a limit is exceeded.
    /// </exception>
    public ReadOnlySpan<byte> ReadData() => IsNull ? [] : ReadBytes("Data");

    /// <summary>
    /// Reads the index of a capability in the table that came with the message. Returns null for a null pointer.
    /// </summary>
    /// <exception cref="IpcProtocolException">The pointer leads to something else.</exception>
    public uint? ReadCapabilityIndex()
    {
        if (IsNull)
        {
            return null;
        }

        var pointer = new Pointer(_segment!.ReadWord(_at));
        return pointer.IsCapability ? pointer.CapabilityIndex : throw Unexpected("a capability", pointer);
    }

    private static CapnpListReader ReadFlat(Located found, int nestingLeft)
    {
        CapnpElementSize size = found.Pointer.ElementSize;
        int count = found.Pointer.Count;
        int step = Pointer.StepBits(size);
        long words = (((long)count * step) + 63) / 64;
        // A list of voids takes no space for any number of elements, so each element counts.
        Claim(found.Segment, found.At, words, size == CapnpElementSize.Void ? count : words);
        return new(
            found.Segment,
            (int)found.At,
            count,
            size,
            step,
            Pointer.DataBits(size),
            (ushort)(size == CapnpElementSize.Pointer ? 1 : 0),
            nestingLeft);
    }

    private static CapnpListReader ReadComposite(Located found, int nestingLeft)
    {
        int words = found.Pointer.Count;
        Claim(found.Segment, found.At, words + 1L, words + 1L);
        var tag = new Pointer(found.Segment.ReadWord((int)found.At));
        if (!tag.IsStruct)
        {
            throw new IpcProtocolException("List of structs: Expected a struct pointer as the tag, got another one.");
        }

        CapnpStructSize size = tag.StructSize;
        if (tag.TagCount > Pointer.MaxCount || (long)tag.TagCount * size.Words > words)
        {
            throw new IpcProtocolException(
                $"List of structs: Expected {tag.TagCount:N0} elements of {size.Words:N0} words, got {words:N0} words.");
        }

        if (size.Words == 0)
        {
            found.Segment.Arena.Charge(tag.TagCount);
        }

        return new(
            found.Segment,
            (int)found.At + Pointer.WordBytes,
            (int)tag.TagCount,
            CapnpElementSize.Composite,
            size.Words * 64L,
            size.DataWords * 64,
            size.PointerCount,
            nestingLeft);
    }

    private ReadOnlySpan<byte> ReadBytes(string what)
    {
        CapnpListReader list = ReadList();
        return list.ElementSize == CapnpElementSize.Byte
            ? list.Bytes
            : throw new IpcProtocolException(
                $"{what}: Expected a list of bytes, got elements of size {list.ElementSize}.");
    }

    private int OneDeeper()
        => _nestingLeft > 0
            ? _nestingLeft - 1
            : throw new IpcProtocolException("Message: Expected pointers nested within the limit, got deeper ones.");

    // Checks that an object is in its segment, and counts it.
    private static void Claim(Segment segment, long at, long words, long charge)
    {
        if (!segment.Contains(at, words))
        {
            throw new IpcProtocolException(
                $"Pointer: Expected {words:N0} words inside of segment {segment.Id} of {segment.WordCount:N0} words, "
                    + $"got word {(at - segment.Start) / Pointer.WordBytes:N0} as the first.");
        }

        segment.Arena.Charge(charge);
    }

    private static IpcProtocolException Unexpected(string expected, Pointer got)
    {
        if (!got.IsStruct && !got.IsList && !got.IsCapability)
        {
            return UnknownKind(got);
        }

        string kind = got.IsStruct ? "a struct" : got.IsList ? "a list" : "a capability";
        return new($"Pointer: Expected {expected}, got {kind}.");
    }

    private static IpcProtocolException UnknownKind(Pointer pointer)
        => new($"Pointer: Expected a kind that Cap'n Proto defines, got 0x{pointer.Bits:x16}.");
}
