using System.Runtime.CompilerServices;

namespace Multiprocess.CapnProto.Messages;

/// <summary>The 64 bits of a pointer, as they are in the message.</summary>
/// <remarks>
/// <code>
/// struct      00 | 30 offset, signed, in words from the end of the pointer | 16 data words | 16 pointers
/// list        01 | 30 offset, the same                                     | 3 element size | 29 elements
/// far         10 | 1 double | 29 offset in words from the segment's start  | 32 segment
/// capability  11 | 30 zero                                                 | 32 index
/// </code>
/// The lowest bits come first. For a list of structs, the 29 bits are the words of all elements, and a tag with the
/// form of a struct pointer comes before the first element; its offset is the number of elements.
/// </remarks>
internal readonly struct Pointer(ulong bits)
{
    public const int WordBytes = 8;

    /// <summary>Most elements, or words of structs, in a list.</summary>
    public const int MaxCount = (1 << 29) - 1;

    private const ulong StructKind = 0;
    private const ulong ListKind = 1;
    private const ulong FarKind = 2;
    private const ulong OtherKind = 3;

    public ulong Bits { get; } = bits;

    public bool IsNull => Bits == 0;

    public bool IsStruct => (Bits & 3) == StructKind;

    public bool IsList => (Bits & 3) == ListKind;

    public bool IsFar => (Bits & 3) == FarKind;

    public bool IsCapability => (uint)Bits == OtherKind;

    /// <summary>The distance to the object in words, from the end of the pointer.</summary>
    public int Offset => (int)(uint)Bits >> 2;

    public ushort DataWords => (ushort)(Bits >> 32);

    public ushort PointerCount => (ushort)(Bits >> 48);

    public CapnpStructSize StructSize => new(DataWords, PointerCount);

    public CapnpElementSize ElementSize => (CapnpElementSize)((Bits >> 32) & 7);

    public int Count => (int)(Bits >> 35);

    /// <summary>The number of elements, if the pointer is the tag of a list of structs.</summary>
    public uint TagCount => (uint)Bits >> 2;

    public bool IsDoubleFar => (Bits & 4) != 0;

    /// <summary>The place of the landing pad in words, from the start of the segment.</summary>
    public int FarOffset => (int)((uint)Bits >> 3);

    public uint FarSegment => (uint)(Bits >> 32);

    public uint CapabilityIndex => (uint)(Bits >> 32);

    public static Pointer Struct(int offset, CapnpStructSize size)
        => new(Low(offset, StructKind) | ((ulong)size.DataWords << 32) | ((ulong)size.PointerCount << 48));

    public static Pointer List(int offset, CapnpElementSize size, int count)
        => new(Low(offset, ListKind) | ((ulong)size << 32) | ((ulong)(uint)count << 35));

    public static Pointer Tag(int count, CapnpStructSize size) => Struct(count, size);

    public static Pointer Far(uint segment, int offset)
        => new(FarKind | ((ulong)(uint)offset << 3) | ((ulong)segment << 32));

    public static Pointer Capability(uint index) => new(OtherKind | ((ulong)index << 32));

    /// <summary>Returns the pointer, whose offset must be 0, with another offset.</summary>
    public Pointer WithOffset(int offset) => new(Bits | (uint)(offset << 2));

    /// <summary>The number of data bits of an element; 0 for pointers and structs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int DataBits(CapnpElementSize size) => size switch
    {
        CapnpElementSize.Bit => 1,
        CapnpElementSize.Byte => 8,
        CapnpElementSize.TwoBytes => 16,
        CapnpElementSize.FourBytes => 32,
        CapnpElementSize.EightBytes => 64,
        _ => 0,
    };

    /// <summary>The number of bits from one element to the next, in a list of anything but structs.</summary>
    public static int StepBits(CapnpElementSize size) => size == CapnpElementSize.Pointer ? 64 : DataBits(size);

    private static ulong Low(int offset, ulong kind) => (uint)(offset << 2) | kind;
}
