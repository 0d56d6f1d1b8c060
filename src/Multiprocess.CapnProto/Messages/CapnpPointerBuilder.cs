using System.Text;

namespace Multiprocess.CapnProto.Messages;

/// <summary>A pointer of a message that is being built.</summary>
/// <remarks>
/// When a pointer is written again, its old target is wiped; the space of that target stays in the message. A builder
/// is valid until its message is reset or disposed.
/// </remarks>
public readonly struct CapnpPointerBuilder
{
    private static readonly UTF8Encoding s_utf8 = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Segment _segment;
    private readonly int _at;

    internal CapnpPointerBuilder(Segment segment, int at)
    {
        _segment = segment;
        _at = at;
    }

    /// <summary>Whether the pointer is null.</summary>
    public bool IsNull => _segment.ReadWord(_at) == 0;

    /// <summary>Reads what was built so far.</summary>
    public CapnpPointerReader AsReader() => new(_segment, _at, int.MaxValue);

    /// <summary>Makes the pointer null, and wipes its target.</summary>
    public void Clear()
    {
        if (!IsNull)
        {
            Wiping.Wipe(_segment, _at);
        }
    }

    /// <summary>Creates a struct whose fields all have their default values.</summary>
    /// <exception cref="IpcException">The message is too large.</exception>
    public CapnpStructBuilder InitStruct(CapnpStructSize size)
    {
        (Segment segment, int at) = Init(size.Words, Pointer.Struct(0, size));
        return new(segment, at, size);
    }

    /// <summary>Returns the struct that was built here. For a null pointer, creates a new one.</summary>
    /// <exception cref="IpcException">The message is too large.</exception>
    /// <exception cref="IpcProtocolException">The pointer leads to something else.</exception>
    public CapnpStructBuilder GetOrInitStruct(CapnpStructSize size)
    {
        if (IsNull)
        {
            return InitStruct(size);
        }

        Located found = Located.Follow(_segment, _at);
        return found.Pointer.IsStruct
            ? new(found.Segment, (int)found.At, found.Pointer.StructSize)
            : throw new IpcProtocolException("Pointer: Expected a struct, got another kind.");
    }

    /// <summary>Creates a list of elements other than structs, with zero or null elements.</summary>
    /// <param name="elementSize">The space of an element.</param>
    /// <param name="count">The number of elements. 0 to 536,870,911.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count or the element size is out of range.</exception>
    /// <exception cref="IpcException">The message is too large.</exception>
    public CapnpListBuilder InitList(CapnpElementSize elementSize, int count)
    {
        if (elementSize is < CapnpElementSize.Void or >= CapnpElementSize.Composite)
        {
            throw new ArgumentOutOfRangeException(
                nameof(elementSize),
                elementSize,
                $"Element size: Expected {CapnpElementSize.Void} to {CapnpElementSize.Pointer}.");
        }

        CheckCount(count);
        long words = (((long)count * Pointer.StepBits(elementSize)) + 63) / 64;
        (Segment segment, int at) = Init(words, Pointer.List(0, elementSize, count));
        return new(segment, at, elementSize, count, default);
    }

    /// <summary>Creates a list of structs whose fields all have their default values.</summary>
    /// <param name="size">The space of a struct.</param>
    /// <param name="count">The number of structs. 0 to 536,870,911, and as many words in all.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is out of range.</exception>
    /// <exception cref="IpcException">The message is too large.</exception>
    public CapnpListBuilder InitStructList(CapnpStructSize size, int count)
    {
        CheckCount(count);
        long words = (long)count * size.Words;
        if (words > Pointer.MaxCount)
        {
            throw new ArgumentOutOfRangeException(
                nameof(count), count, $"List: Expected at most {Pointer.MaxCount:N0} words, got {words:N0}.");
        }

        (Segment segment, int at) = Init(
            words + 1, Pointer.List(0, CapnpElementSize.Composite, (int)words));
        segment.WriteWord(at, Pointer.Tag(count, size).Bits);
        return new(segment, at + Pointer.WordBytes, CapnpElementSize.Composite, count, size);
    }

    /// <summary>Writes a text as UTF-8 with a final zero. Null makes the pointer null.</summary>
    /// <exception cref="ArgumentException">The text has half of a surrogate pair.</exception>
    /// <exception cref="IpcException">The message is too large.</exception>
    public void WriteText(string? text)
    {
        if (text is null)
        {
            Clear();
            return;
        }

        int length = s_utf8.GetByteCount(text);
        s_utf8.GetBytes(text, InitData(length + 1)[..length]);
    }

    /// <summary>Writes data.</summary>
    /// <exception cref="IpcException">The message is too large.</exception>
    public void WriteData(ReadOnlySpan<byte> data) => data.CopyTo(InitData(data.Length));

    /// <summary>Creates data of the given length, filled with zeros, to be written in place.</summary>
    /// <param name="length">In bytes. 0 to 536,870,911.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is out of range.</exception>
    /// <exception cref="IpcException">The message is too large.</exception>
    public Span<byte> InitData(int length)
    {
        CheckCount(length);
        (Segment segment, int at) = Init(
            (length + 7L) / 8, Pointer.List(0, CapnpElementSize.Byte, length));
        return segment.Bytes.AsSpan(at, length);
    }

    /// <summary>Writes a capability: its index in the table that is sent with the message.</summary>
    public void WriteCapabilityIndex(uint index)
    {
        Clear();
        _segment.WriteWord(_at, Pointer.Capability(index).Bits);
    }

    /// <summary>Copies the target of a pointer of any message. Indexes of capabilities are copied unchanged.</summary>
    /// <param name="source">Must not be a part of this pointer's own target, which is wiped first.</param>
    /// <exception cref="IpcProtocolException">
    /// The source is malformed, or a limit of its message is exceeded.
    /// </exception>
    /// <exception cref="IpcException">The message is too large.</exception>
    public void Write(CapnpPointerReader source) => Copying.Copy(source, this, isCanonical: false);

    private static void CheckCount(int count)
    {
        if ((uint)count > Pointer.MaxCount)
        {
            throw new ArgumentOutOfRangeException(
                nameof(count), count, $"List: Expected 0 to {Pointer.MaxCount:N0} elements, got {count:N0}.");
        }
    }

    // Reserves space for an object and points to it. A struct without fields takes no space: by definition its pointer
    // leads to itself, so that it differs from null.
    private (Segment Segment, int At) Init(long words, Pointer target)
    {
        Clear();
        if (words == 0 && target.IsStruct)
        {
            _segment.WriteWord(_at, target.WithOffset(-1).Bits);
            return (_segment, _at);
        }

        var arena = (BuilderArena)_segment.Arena;
        int at = arena.TryAllocate(_segment, words);
        if (at >= 0)
        {
            _segment.WriteWord(_at, target.WithOffset(((at - _at) / Pointer.WordBytes) - 1).Bits);
            return (_segment, at);
        }

        // In another segment, after the landing pad of a far pointer.
        (Segment other, int pad) = arena.Allocate(words + 1);
        _segment.WriteWord(_at, Pointer.Far(other.Id, pad / Pointer.WordBytes).Bits);
        other.WriteWord(pad, target.Bits);
        return (other, pad + Pointer.WordBytes);
    }
}
