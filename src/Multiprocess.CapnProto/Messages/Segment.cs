using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Multiprocess.CapnProto.Messages;

/// <summary>A piece of a message. Pointers are offsets inside a segment, or name another segment.</summary>
internal sealed class Segment(Arena arena, uint id)
{
    public Arena Arena { get; } = arena;

    public uint Id { get; } = id;

    /// <summary>The array that contains the segment. A builder replaces it when its only segment grows.</summary>
    public byte[] Bytes { get; set; } = [];

    /// <summary>Where the segment begins in the array, in bytes.</summary>
    public int Start { get; set; }

    /// <summary>The end of the segment in the array, in bytes. A multiple of 8 after the start.</summary>
    public int End { get; set; }

    /// <summary>The words of the segment that are in use.</summary>
    public int WordCount => (End - Start) / Pointer.WordBytes;

    public ReadOnlySpan<byte> Used => Bytes.AsSpan(Start, End - Start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadWord(int at) => BinaryPrimitives.ReadUInt64LittleEndian(Bytes.AsSpan(at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteWord(int at, ulong word) => BinaryPrimitives.WriteUInt64LittleEndian(Bytes.AsSpan(at), word);

    /// <summary>Whether the given number of words, from this byte of the array on, are in the segment.</summary>
    public bool Contains(long at, long words)
        => at >= Start && at <= End && words <= (End - at) / Pointer.WordBytes;
}
